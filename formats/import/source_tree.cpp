#include "formats/import/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "formats/archive/archive_format.h"
#include "formats/archive/replacement_file.h"
#include "formats/import/file_bytes.h"
#include "formats/pack/check_source.h"

namespace nf {

namespace {

namespace fs = std::filesystem;

struct FolderEntries {
  std::vector<TreeFile> files;
  std::vector<std::string> folders;
  std::vector<std::string> archives;  // left out
  std::vector<std::pair<std::string, ErrorCode>> problems;
};

constexpr std::size_t kProblemsShown = 20;

Error refuse(ErrorCode code, std::string& detail, std::string text) {
  detail = std::move(text);
  return Error{.code = code, .subject_kind = Subject::file};
}

// One of our archives by its name and first bytes, or by its name the half of one.
bool is_archive(const std::string& path, const std::string& name) {
  if (ReplacementFile::is_temporary_name(name)) return true;
  return name.ends_with(".nfa") && begins_as_archive(path);
}

void add_problem(FolderEntries& entries, ErrorCode code, std::string sentence) {
  entries.problems.emplace_back(std::move(sentence), code);
}

Result<void> take_entry(const fs::directory_entry& entry, LinkRule links, FolderEntries& into,
                        std::uint64_t& links_left_out, std::string& detail) {
  const std::string name = entry.path().filename().string();
  const std::string shown = entry.path().parent_path().string() + "/" + quoted_name(name);
  std::error_code error;
  const fs::file_status status = entry.symlink_status(error);
  if (error) return refuse(ErrorCode::file_open_failed, detail, shown + ": " + error.message());
  if (!fs::is_regular_file(status) && !fs::is_directory(status)) {
    if (links == LinkRule::refuse) {
      add_problem(into, ErrorCode::source_malformed,
                  shown + (fs::is_symlink(status) ? ": is a symbolic link, which could lead outside"
                                                  : ": is neither a file nor a folder"));
    } else {
      ++links_left_out;
    }
    return {};
  }
  if (const char* problem = name_problem(name)) {
    add_problem(into, ErrorCode::name_invalid, shown + ": the name " + problem);
    return {};
  }
  if (fs::is_directory(status)) {
    into.folders.push_back(name);
    return {};
  }
  if (is_archive(entry.path().string(), name)) {
    into.archives.push_back(name);
    return {};
  }
  const std::uintmax_t size = entry.file_size(error);
  if (error) return refuse(ErrorCode::file_open_failed, detail, shown + ": " + error.message());
  into.files.push_back({.name = name, .folder = 0, .size = size});
  return {};
}

Result<FolderEntries> list_folder(const std::string& path, LinkRule links,
                                  std::uint64_t& links_left_out, std::string& detail) {
  FolderEntries entries;
  std::error_code error;
  fs::directory_iterator at(path, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    if (const Result<void> taken = take_entry(*at, links, entries, links_left_out, detail); !taken)
      return taken.error();
  }
  if (error) return refuse(ErrorCode::file_open_failed, detail, path + ": " + error.message());
  std::sort(entries.files.begin(), entries.files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.name < b.name; });
  std::sort(entries.folders.begin(), entries.folders.end());
  std::sort(entries.archives.begin(), entries.archives.end());
  std::sort(entries.problems.begin(), entries.problems.end());
  return entries;
}

// Everything that is wrong in a tree, told at the end: who mends a tree wants to do it once.
class Problems {
 public:
  void add(const FolderEntries& entries) {
    count_ += entries.problems.size();
    for (const auto& [sentence, code] : entries.problems) {
      if (shown_.empty()) code_ = code;
      if (shown_.size() < kProblemsShown) shown_.push_back(sentence);
    }
  }
  bool none() const { return count_ == 0; }

  Error refuse(const std::string& root, std::string& detail) const {
    if (count_ == 1) return nf::refuse(code_, detail, shown_[0]);
    std::string text = root + ": " + std::to_string(count_) + " entries cannot be packed:";
    for (const std::string& problem : shown_) text += "\n  " + problem;
    if (count_ > shown_.size())
      text += "\n  and " + std::to_string(count_ - shown_.size()) + " more";
    return nf::refuse(code_, detail, text);
  }

 private:
  ErrorCode code_ = ErrorCode::ok;
  std::size_t count_ = 0;
  std::vector<std::string> shown_;
};

struct PendingFolder {
  std::uint32_t parent = ~0u;
  std::uint32_t depth = 0;
  std::string name;
};

}  // namespace

std::string SourceTree::archive_notes() const {
  std::string notes;
  for (const std::string& path : archives_left_out) {
    notes += quoted_name(path) + " was left out: it is a nearfield archive, or part of one\n";
  }
  return notes;
}

std::string SourceTree::relative_path(const TreeFile& file) const {
  const std::string& folder = folders[file.folder].path;
  return folder.empty() ? file.name : folder + "/" + file.name;
}

Result<SourceTree> list_tree(const std::string& root, LinkRule links, std::string& detail) {
  SourceTree tree;
  tree.root = root;
  while (tree.root.size() > 1 && tree.root.back() == '/') tree.root.pop_back();
  std::vector<PendingFolder> pending(1);
  Problems problems;
  while (!pending.empty()) {
    const PendingFolder next = std::move(pending.back());
    pending.pop_back();
    const auto id = static_cast<std::uint32_t>(tree.folders.size());
    TreeFolder folder{.path = next.name, .name = next.name, .parent = next.parent};
    if (next.parent != ~0u && !tree.folders[next.parent].path.empty())
      folder.path = tree.folders[next.parent].path + "/" + next.name;
    const std::string path = folder.path.empty() ? tree.root : tree.root + "/" + folder.path;
    if (next.depth > kTreeFolderDepthMax)
      return refuse(ErrorCode::limit_exceeded, detail,
                    path + ": folders are nested deeper than 60");
    Result<FolderEntries> entries = list_folder(path, links, tree.links_left_out, detail);
    if (!entries) return entries.error();
    problems.add(*entries);
    if (tree.files.size() + tree.folders.size() + entries->files.size() + entries->folders.size() >
        kTreeEntriesMax)
      return refuse(ErrorCode::limit_exceeded, detail, root + ": more than 2^24 files and folders");
    for (const std::string& name : entries->archives) {
      tree.archives_left_out.push_back(folder.path.empty() ? name : folder.path + "/" + name);
    }
    folder.first_file = static_cast<std::uint32_t>(tree.files.size());
    for (TreeFile& file : entries->files) {
      file.folder = id;
      tree.files.push_back(std::move(file));
    }
    folder.last_file = static_cast<std::uint32_t>(tree.files.size());
    tree.folders.push_back(std::move(folder));
    for (std::size_t i = entries->folders.size(); i-- > 0;)  // backwards: the last is taken first
      pending.push_back({.parent = id, .depth = next.depth + 1, .name = entries->folders[i]});
  }
  if (!problems.none()) return problems.refuse(root, detail);
  return tree;
}

std::string normal_path(std::string_view path) {
  if (path.empty() || path.front() == '/') return {};
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return {};
    } else {
      parts.pop_back();
    }
  }
  std::string normal;
  for (const std::string_view part : parts) {
    if (!normal.empty()) normal += '/';
    normal += part;
  }
  return normal;
}

bool begins_as_archive(const std::string& path) {
  std::string detail;
  const auto front = read_file_front(path, Bytes{wire::kMagic.size()}, detail);
  return front && std::ranges::equal(*front, wire::kMagic);
}

Result<std::vector<std::byte>> load_file(const SourceAsset& asset, std::string& detail) {
  return read_file(asset.origin, Bytes{kContainerRawSizeMax}, detail);
}

}  // namespace nf
