#include "bench/contenders/tree_writer.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <string>

#include "bench/contenders/byte_sum.h"
#include "bench/contenders/cached_file.h"
#include "bench/contenders/joined_assets.h"
#include "core/codec/codec.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListTitle = "nearfield contenders 1";
constexpr std::size_t kEndingMax = 8;

// ".dds" of "Wall.DDS"; empty for endings that some archive format could mind.
std::string ending_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.size() - dot > kEndingMax) return {};
  std::string ending(name.substr(dot));
  for (char& c : ending) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '.' && std::isalnum(byte) == 0) return {};
    c = static_cast<char>(std::tolower(byte));
  }
  // Archives of our own are left out of the folders that are packed.
  return ending == ".nfa" ? std::string() : ending;
}

std::string list_of(const ContainerTree& tree) {
  std::ostringstream list;
  list << kListTitle << "\n" << tree.count() << "\n";
  for (std::uint32_t i = 0; i < tree.count(); ++i) {
    const PathHash sum = tree.container_sum[i];
    list << sum.low << " " << sum.high << " " << tree.assets_of(i).size() << "\n";
    for (const TreeAsset& asset : tree.assets_of(i)) {
      list << asset.name << " " << asset.size << "\n";
    }
  }
  return list.str();
}

bool parse_list(const std::string& text, ContainerTree& tree) {
  std::istringstream list(text);
  std::string title;
  std::uint32_t containers = 0;
  if (!std::getline(list, title) || title != kListTitle || !(list >> containers)) return false;
  for (std::uint32_t i = 0; i < containers; ++i) {
    PathHash sum;
    std::uint32_t assets = 0;
    if (!(list >> sum.low >> sum.high >> assets)) return false;
    std::uint64_t size = 0;
    for (std::uint32_t a = 0; a < assets; ++a) {
      TreeAsset asset;
      if (!(list >> asset.name >> asset.size)) return false;
      size += asset.size;
      tree.assets.push_back(std::move(asset));
    }
    tree.first_asset.push_back(static_cast<std::uint32_t>(tree.assets.size()));
    tree.container_size.push_back(size);
    tree.container_sum.push_back(sum);
  }
  tree.content = hash128(std::as_bytes(std::span(text)));
  return tree.count() > 0;
}

}  // namespace

TreeWriter::TreeWriter(const fs::path& folder) {
  tree_.folder = folder;
  tree_.files = folder / "files";
  fs::remove_all(folder);
  fs::create_directories(tree_.files);
}

TreeWriter::~TreeWriter() {
  std::error_code ignored;
  if (!finished_) fs::remove_all(tree_.folder, ignored);
}

void TreeWriter::begin_container() {
  sum_ = {};
  size_ = 0;
}

void TreeWriter::add_asset(std::string_view name, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const std::uint32_t first = tree_.first_asset.back();
  const auto number = static_cast<std::uint32_t>(tree_.assets.size()) - first;
  const fs::path folder = tree_.files / container_name(tree_.count());
  if (number == 0) fs::create_directory(folder);
  TreeAsset asset{.name = text_of("a%04u", number) + ending_of(name), .size = bytes.size()};
  write_bytes(folder / asset.name, bytes);
  ByteSum sum;
  sum.add(bytes);
  sum_ = {.low = sum_.low + sum.value().low, .high = sum_.high + sum.value().high};
  size_ += bytes.size();
  tree_.assets.push_back(std::move(asset));
}

void TreeWriter::end_container() {
  if (tree_.assets.size() == tree_.first_asset.back()) return;
  tree_.first_asset.push_back(static_cast<std::uint32_t>(tree_.assets.size()));
  tree_.container_size.push_back(size_);
  tree_.container_sum.push_back(sum_);
}

ContainerTree TreeWriter::finish() {
  if (tree_.count() == 0) throw BenchError("the world holds no assets");
  const std::string list = list_of(tree_);
  tree_.content = hash128(std::as_bytes(std::span(list)));
  flush_file_system(tree_.files);
  make_cached(tree_.folder / "list", [&](const fs::path& path) {
    write_bytes(path, std::as_bytes(std::span(list)));
  });
  finished_ = true;
  return std::move(tree_);
}

bool read_tree_list(const fs::path& folder, ContainerTree& tree) {
  std::ifstream file(folder / "list", std::ios::binary);
  if (!file) return false;
  std::ostringstream text;
  text << file.rdbuf();
  ContainerTree read;
  read.folder = folder;
  read.files = folder / "files";
  if (!parse_list(text.str(), read)) return false;
  tree = std::move(read);
  return true;
}

}  // namespace nf::bench
