#include "bench/contenders/image/image_contender.h"

#include <optional>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/folder_reader.h"
#include "bench/contenders/image/child_program.h"

namespace nf::bench {
namespace {

class ImageContender : public BlockingContender {
 public:
  explicit ImageContender(ImageSettings settings) : settings_(std::move(settings)) {}

  ContenderFacts facts() const override {
    return {.name = settings_.name,
            .side = Side::compressed_peer,
            .device_bytes_from = DeviceBytesFrom::disk};
  }

  void require(const std::filesystem::path& folder) const override {
    MountedImage::require(settings_.type, folder, settings_.backing);
    if (find_program(settings_.tool).empty()) {
      throw BenchError(settings_.tool + " is not installed (package " + settings_.package + ")");
    }
  }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    std::string words = settings_.tool;
    for (const std::string& argument : settings_.arguments) words += " " + argument;
    path_ = cached_path(tree, settings_.file_name, words, ".img");
    make_cached(path_, [&](const auto& partial) { make_file(partial); });
  }

  std::vector<std::filesystem::path> files() const override { return {path_}; }

  // A new mount has nothing of the image's files in the page cache.
  void open(std::uint32_t /*requesters*/) override {
    mount_.emplace(settings_.type, path_, settings_.backing);
    remark_ = !mount_->on_loop()       ? "mounted from the file itself"
              : mount_->cached_twice() ? "mounted from a loop device that refuses direct reads: "
                                         "what it reads is cached twice"
                                       : "mounted from a loop device with direct reads";
    reader_ = FolderReader(*tree_, mount_->folder());
  }
  void close() override { mount_.reset(); }
  std::string remark() const override { return remark_; }

  void read_container(std::uint32_t /*requester*/, std::uint32_t container,
                      std::span<std::byte> scratch, AssetBytes& assets) override {
    reader_.read_container(container, scratch, assets);
  }
  void read_slice(const SliceRead& slice) override { reader_.read_slice(slice); }

 private:
  void make_file(const std::filesystem::path& image) const {
    std::vector<std::string> arguments;
    for (const std::string& argument : settings_.arguments) {
      arguments.push_back(argument == "{image}"  ? image.string()
                          : argument == "{tree}" ? tree_->files.string()
                                                 : argument);
    }
    run_program(find_program(settings_.tool), arguments, image.string() + ".log");
    std::filesystem::remove(image.string() + ".log");
  }

  ImageSettings settings_;
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::optional<MountedImage> mount_;
  std::string remark_;
  FolderReader reader_;
};

}  // namespace

std::unique_ptr<Contender> make_image(ImageSettings settings) {
  return std::make_unique<ImageContender>(std::move(settings));
}

}  // namespace nf::bench
