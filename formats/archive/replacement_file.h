// ReplacementFile: a file written beside another and put in its place in one step, so that at every
// instant, and after a crash, the path leads to the old file or to the new one, whole.
//
// A temporary file in the same folder, flushed, renamed over the target, the folder flushed. A
// flush that failed is never repeated: the kernel may have dropped the pages and call them clean
// (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
// One owner. Destroyed before `commit` succeeded: the temporary file is removed, the old one
// stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <nearfield/result.h>

namespace nf {

class ReplacementFile {
 public:
  static Result<ReplacementFile> create(const std::string& path);
  ReplacementFile(ReplacementFile&& other) noexcept;
  ReplacementFile& operator=(ReplacementFile&& other) noexcept;
  ~ReplacementFile();

  // Writes all of both, the second right behind the first, as one request where the kernel takes
  // it.
  Error write(std::uint64_t at, std::span<const std::byte> first,
              std::span<const std::byte> second);
  // Flush, rename, flush the folder. After an error in the first two the old file stands; after one
  // in the last the new file is in place and only a power cut could bring the old one back.
  Error commit();
  // Drops what was written; the old file stands, if `commit` has not replaced it already.
  void abandon();

 private:
  ReplacementFile() = default;
  void swap(ReplacementFile& other) noexcept;
  Error open_temporary();

  int folder_ = -1;
  int file_ = -1;
  std::string name_;       // of the target, in the folder
  std::string temporary_;  // empty once it is gone
};

}  // namespace nf
