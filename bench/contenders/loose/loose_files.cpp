#include "bench/contenders/loose/loose_files.h"

#include <fcntl.h>

#include <optional>

#include "bench/contenders/file_read.h"
#include "bench/contenders/folder_reader.h"

namespace nf::bench {
namespace {

class LooseFiles : public BlockingContender {
 public:
  ContenderFacts facts() const override { return {.name = "loose files"}; }

  void prepare(const ContainerTree& tree) override { tree_ = &tree; }

  std::vector<std::filesystem::path> files() const override {
    std::vector<std::filesystem::path> paths;
    for (std::uint32_t container = 0; container < tree_->count(); ++container) {
      for (const TreeAsset& asset : tree_->assets_of(container)) {
        paths.push_back(tree_->files / container_name(container) / asset.name);
      }
    }
    return paths;
  }

  void open(std::uint32_t /*requesters*/) override {
    folder_.emplace(AT_FDCWD, tree_->files.c_str(), O_DIRECTORY);
    reader_ = FolderReader(*tree_, folder_->descriptor());
  }
  void close() override { folder_.reset(); }

  void read_container(std::uint32_t /*requester*/, std::uint32_t container,
                      std::span<std::byte> scratch, AssetBytes& assets) override {
    reader_.read_container(container, scratch, assets);
  }
  void read_slice(const SliceRead& slice) override { reader_.read_slice(slice); }

 private:
  const ContainerTree* tree_ = nullptr;
  std::optional<ReadFile> folder_;
  FolderReader reader_;
};

}  // namespace

std::unique_ptr<Contender> make_loose_files() {
  return std::make_unique<LooseFiles>();
}

}  // namespace nf::bench
