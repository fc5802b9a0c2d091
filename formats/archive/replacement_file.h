// ReplacementFile: a file written beside another and put in its place in one step, so that at every
// instant, and after a crash, the path leads to the old file or to the new one, whole.
//
// A temporary file in the same folder, flushed, renamed over the target, the folder flushed. A
// flush that failed is never repeated: the kernel may have dropped the pages and call them clean
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
// Only regular files are replaced, a link's target instead of the link; the permissions stay.
// One owner. Destroyed before `commit` succeeded: the temporary file is removed, the old one
// stands.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nearfield/result.h>

namespace nf {

class ReplacementFile {
 public:
  // invalid_argument: the path is no name of a file, or what is there is not a regular file.
  static Result<ReplacementFile> create(const std::string& path);
  // Whether a file of this name may be what a killed process has left.
  static bool is_temporary_name(std::string_view name);
  ReplacementFile(ReplacementFile&& other) noexcept;
  ReplacementFile& operator=(ReplacementFile&& other) noexcept;
  ~ReplacementFile();

  // Writes all of both, the second right behind the first, as one request where the kernel takes
  // it.
  Error write(std::uint64_t at, std::span<const std::byte> first,
              std::span<const std::byte> second);
  // Flush, rename, flush the folder. After replaced_not_flushed the new file is in place and only a
  // power cut could bring the old one back; after any other error the old file stands.
  Error commit();
  // Drops what was written; the old file stands, if `commit` has not replaced it already.
  void abandon();

 private:
  ReplacementFile() = default;
  void swap(ReplacementFile& other) noexcept;
  Error open_temporary(mode_t mode);

  int folder_ = -1;
  int file_ = -1;
  std::string name_;       // of the target, in the folder
  std::string temporary_;  // empty once it is gone
};

}  // namespace nf
