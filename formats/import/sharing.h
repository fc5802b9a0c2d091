// sharing: which files have to lie together so that nothing is stored twice and nothing is read in
// vain.
//
// Pure function, any thread. Files that exactly the same users need form one group: whoever needs
// one of them needs all, so a group is read as a whole; and a file is in one group only.
#pragma once

#include <cstdint>
#include <vector>

namespace nf {

struct FileUse {
  std::uint32_t file = 0;
  std::uint32_t user = 0;
  friend auto operator<=>(const FileUse&, const FileUse&) = default;
};

struct SharingGroup {
  std::vector<std::uint32_t> files;  // ascending
  std::vector<std::uint32_t> users;  // ascending
};

// Ordered by first file. Equal uses count once.
std::vector<SharingGroup> group_by_users(std::vector<FileUse> uses);

}  // namespace nf
