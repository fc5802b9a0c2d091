#include "formats/import/sharing.h"

#include <algorithm>
#include <map>

namespace nf {

std::vector<SharingGroup> group_by_users(std::vector<FileUse> uses) {
  std::sort(uses.begin(), uses.end());
  uses.erase(std::unique(uses.begin(), uses.end()), uses.end());
  std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> files_of;
  for (std::size_t first = 0; first < uses.size();) {
    std::vector<std::uint32_t> users;
    std::size_t last = first;
    for (; last < uses.size() && uses[last].file == uses[first].file; ++last)
      users.push_back(uses[last].user);
    files_of[std::move(users)].push_back(uses[first].file);
    first = last;
  }
  std::vector<SharingGroup> groups;
  groups.reserve(files_of.size());
  for (auto& [users, files] : files_of)
    groups.push_back({.files = std::move(files), .users = users});
  std::sort(groups.begin(), groups.end(), [](const SharingGroup& a, const SharingGroup& b) {
    return a.files.front() < b.files.front();
  });
  return groups;
}

}  // namespace nf
