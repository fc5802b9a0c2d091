// SafeFolder: writes files below one folder and nowhere else, whatever their names are and whoever
// swaps folders for symbolic links meanwhile.
//
// Every path is resolved by the kernel under the folder's descriptor with links refused: openat2
// with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; where the kernel has no openat2, one component at a
// time with O_NOFOLLOW. A file appears under its name only when it is whole. Thread: one owner.
// Memory: one descriptor.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

enum class IfExists { refuse, replace };

class SafeFolder {
 public:
  // Makes the folder and its parents if they are not there; `path` itself is the user's word and
  // may lead through links.
  static Result<SafeFolder> open(const std::string& path);
  SafeFolder(SafeFolder&& other) noexcept;
  SafeFolder& operator=(SafeFolder&& other) noexcept;
  ~SafeFolder();

  // `folder` is components joined by '/', empty for the folder itself; folders are made as needed.
  // already_exists, permission_denied (a link is in the way), disk_full, file_write_failed.
  Result<void> write(std::string_view folder, std::string_view name,
                     std::span<const std::byte> bytes, IfExists if_exists);
  Result<void> make_folder(std::string_view folder);
  // What a user without privileges may still write; none if the file system does not say.
  std::optional<Bytes> free_space() const;

  // Tests take the way of kernels without openat2.
  void use_component_walk() { component_walk_ = true; }

 private:
  explicit SafeFolder(int root) : root_(root) {}
  Result<int> open_folder(std::string_view folder);
  Result<int> walk(std::string_view folder, bool make);

  int root_ = -1;
  bool component_walk_ = false;
  unsigned temporary_count_ = 0;
};

}  // namespace nf
