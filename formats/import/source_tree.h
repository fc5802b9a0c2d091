// SourceTree: the folders and files below a folder, as sorted lists.
//
// Any thread. Sorted by name, so that the same tree gives the same world on every file system.
// Links and special files are refused, or left out and counted: they could lead outside. Archives
// of our own and what a killed writer left are left out and listed: packing into the source would
// pack the last archive into the next.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

struct TreeFile {
  std::string name;          // one component
  std::uint32_t folder = 0;  // index into SourceTree::folders
  std::uint64_t size = 0;
};

struct TreeFolder {
  std::string path;  // relative to the tree's own, "a/b"; empty for the first
  std::string name;
  std::uint32_t parent = ~0u;
  std::uint32_t first_file = 0;  // files [first_file, last_file) lie in it
  std::uint32_t last_file = 0;
};

struct SourceTree {
  std::string root;
  std::vector<TreeFolder> folders;  // a parent comes before its children
  std::vector<TreeFile> files;
  std::uint64_t links_left_out = 0;
  std::vector<std::string> archives_left_out;  // relative paths

  // A line for each archive that was left out.
  std::string archive_notes() const;
  std::string relative_path(const TreeFile& file) const;
  std::string path(const TreeFile& file) const { return root + "/" + relative_path(file); }
};

enum class LinkRule { refuse, leave_out };

inline constexpr std::uint32_t kTreeEntriesMax = 1u << 24;
inline constexpr std::uint32_t kTreeFolderDepthMax = 60;

// On failure `detail` names everything in the tree that cannot be packed, one a line, up to a
// screenful.
Result<SourceTree> list_tree(const std::string& root, LinkRule links, std::string& detail);

// "a/b/../c//./d" -> "a/c/d". Empty if the path is absolute or climbs above where it starts.
std::string normal_path(std::string_view path);

// Whether the file begins as an archive of ours does.
bool begins_as_archive(const std::string& path);

// The loader of importers that keep every file as it is: origin is the path.
Result<std::vector<std::byte>> load_file(const SourceAsset& asset, std::string& detail);

}  // namespace nf
