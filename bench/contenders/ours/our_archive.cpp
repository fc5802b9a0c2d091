#include "bench/contenders/ours/our_archive.h"

#include <optional>

#include <nearfield/archive.h>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/ours/pin_loader.h"
#include "core/codec/codec.h"
#include "formats/import/import.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

const char* codec_text(CodecChoice codec) {
  return codec == CodecChoice::zstd ? "zstd" : "LZ4";
}

class OurArchive : public Contender {
 public:
  explicit OurArchive(const OurSettings& settings) : settings_(settings) {}

  ContenderFacts facts() const override {
    std::string name = std::string("nearfield ") + codec_text(settings_.codec);
    if (settings_.chunk_size != 0) {
      name += text_of(" in %u KiB chunks", settings_.chunk_size >> 10);
    }
    if (settings_.asked_ahead > 0) name += text_of(", %u asked ahead", settings_.asked_ahead);
    return {.name = name, .side = Side::ours, .asked_ahead = settings_.asked_ahead};
  }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    PackOptions options;
    options.codec = settings_.codec;
    options.chunk_size = settings_.chunk_size;
    options.progress = [](const PackProgress&) { return !interrupted(); };
    // The packer has no version of its own: whatever program holds it packs anew.
    const std::string words =
        text_of("levels %d %d, packer ", options.lz4_level, options.zstd_level);
    std::string name = std::string("nearfield_") + codec_text(settings_.codec);
    if (options.chunk_size != 0) name += text_of("_%uk", options.chunk_size >> 10);
    path_ = cached_path(tree, name, words + hex(hash_of_program()), ".nfa");
    make_cached(path_, [&](const std::filesystem::path& partial) {
      std::string detail;
      const Result<SourceWorld> source = import_folder(tree.files.string(), detail);
      if (!source) throw BenchError(detail);
      const Result<PackReport> packed = pack_world(*source, partial.string(), options, detail);
      stop_if_interrupted();
      if (!packed) throw BenchError(detail);
    });
  }

  std::vector<std::filesystem::path> files() const override { return {path_}; }

  void open(std::uint32_t /*requesters*/) override {
    Result<Archive> archive = Archive::open(path_.c_str());
    if (!archive) throw BenchError(describe_open_error(path_.c_str(), archive.error()));
    archive_.emplace(std::move(*archive));
    if (ids_.empty()) find_ids();
    slices_.emplace(*archive_, SliceReaderOptions{.direct = true});
    if (!slices_->direct()) throw BenchError(path_.string() + ": the file system has no O_DIRECT");
  }
  void close() override {
    slices_.reset();
    archive_.reset();
  }

  void run(const LoadRun& run, LoadClock& clock) override {
    const std::uint32_t in_flight =
        settings_.asked_ahead == 0 ? run.requesters : settings_.asked_ahead;
    PinLoader loader(*archive_, {.in_flight = in_flight, .workers = settings_.decode_workers});
    std::vector<ContainerId> ids;
    for (const std::uint32_t container : run.order) ids.push_back(ids_[container]);
    AssetBytes assets;
    clock.start();
    loader.load(ids, [&](std::size_t place, const Pin& pin, double microseconds) {
      if (!run.latencies_us.empty()) run.latencies_us[place] = microseconds;
      if (run.visit == nullptr) return;
      assets.clear();
      for (std::uint32_t i = 0; i < pin.asset_count(); ++i) assets.push_back(pin.asset(i).bytes);
      (*run.visit)(run.order[place], assets);
    });
    clock.stop();
  }

  void read_slice(const SliceRead& slice) override {
    const ContainerId container = ids_[container_of(*tree_, slice.asset)];
    const std::uint32_t asset = archive_->find_asset(container, tree_->assets[slice.asset].name);
    if (asset == UINT32_MAX) throw BenchError(path_.string() + ": an asset is missing");
    const Result<void> read = slices_->read(
        {.container = container, .asset = asset, .from = {slice.at}, .into = slice.into});
    if (!read) throw BenchError(archive_->describe(read.error()));
  }

 private:
  void find_ids() {
    for (std::uint32_t i = 0; i < tree_->count(); ++i) {
      ids_.push_back(archive_->find_container(container_name(i)));
      if (!ids_.back().valid()) throw BenchError(path_.string() + ": a container is missing");
    }
  }

  OurSettings settings_;
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::optional<Archive> archive_;
  std::vector<ContainerId> ids_;  // of the tree's containers
  std::optional<SliceReader> slices_;
};

}  // namespace

std::unique_ptr<Contender> make_ours(const OurSettings& settings) {
  return std::make_unique<OurArchive>(settings);
}

}  // namespace nf::bench
