#include "bench/contenders/tar/whole_tar.h"

#include <fcntl.h>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/file_read.h"
#include "bench/contenders/joined_assets.h"

namespace nf::bench {
namespace {

class WholeTar : public BlockingContender {
 public:
  ContenderFacts facts() const override { return {.name = "whole-container tar"}; }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    folder_ = cached_path(tree, "tar", "1", "");
    make_cached(folder_, [&](const std::filesystem::path& partial) {
      std::filesystem::create_directory(partial);
      std::vector<std::byte> bytes;
      for (std::uint32_t i = 0; i < tree.count(); ++i) {
        join_assets(tree, i, bytes);
        write_bytes(partial / container_name(i), bytes);
      }
    });
    paths_.clear();
    for (std::uint32_t i = 0; i < tree.count(); ++i) {
      paths_.push_back((folder_ / container_name(i)).string());
    }
  }

  std::vector<std::filesystem::path> files() const override {
    return {paths_.begin(), paths_.end()};
  }
  void open(std::uint32_t /*requesters*/) override {}
  void close() override {}

  void read_container(std::uint32_t /*requester*/, std::uint32_t container,
                      std::span<std::byte> scratch, AssetBytes& assets) override {
    const std::span<std::byte> into = scratch.first(tree_->container_size[container]);
    const ReadFile file(AT_FDCWD, paths_[container].c_str(), 0);
    // Without read-ahead the kernel fetches what one call asks for in large requests: faster.
    ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_RANDOM);
    file.read(0, into);
    split_by_asset(*tree_, container, into, assets);
  }

  void read_slice(const SliceRead& slice) override {
    const std::uint32_t container = container_of(*tree_, slice.asset);
    const ReadFile file(AT_FDCWD, paths_[container].c_str(), 0);
    ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_RANDOM);
    file.read(offset_in_container(*tree_, slice.asset) + slice.at, slice.into);
  }

 private:
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path folder_;
  std::vector<std::string> paths_;
};

}  // namespace

std::unique_ptr<Contender> make_whole_tar() {
  return std::make_unique<WholeTar>();
}

}  // namespace nf::bench
