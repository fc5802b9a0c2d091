#include "bench/contenders/raw/stored_raw.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/file_read.h"
#include "bench/contenders/joined_assets.h"
#include "bench/contenders/raw/ring_loop.h"
#include "core/base/pages.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

std::uint64_t in_pages(std::uint64_t size) {
  return (size + kDirectAlignment - 1) / kDirectAlignment * kDirectAlignment;
}

class StoredRaw : public Contender {
 public:
  explicit StoredRaw(std::uint32_t asked_ahead) : asked_ahead_(asked_ahead) {}

  ContenderFacts facts() const override {
    const std::string name = "stored raw, bare io_uring loop";
    return {.name = asked_ahead_ == 0 ? name : name + text_of(", %u asked ahead", asked_ahead_),
            .asked_ahead = asked_ahead_};
  }

  void require(const std::filesystem::path& /*folder*/) const override { RingLoop::require(); }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    at_ = {0};
    for (const std::uint64_t size : tree.container_size) at_.push_back(at_.back() + in_pages(size));
    path_ = cached_path(tree, "raw", "1", "");
    make_cached(path_, [&](const std::filesystem::path& partial) {
      errno = 0;
      std::ofstream file(partial, std::ios::binary);
      std::vector<std::byte> bytes;
      for (std::uint32_t i = 0; i < tree.count(); ++i) {
        join_assets(tree, i, bytes);
        bytes.resize(in_pages(bytes.size()));
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
      }
      if (!file.flush()) throw_errno(partial.string() + ": cannot be written");
    });
  }

  std::vector<std::filesystem::path> files() const override { return {path_}; }

  void open(std::uint32_t /*requesters*/) override {
    file_.emplace(AT_FDCWD, path_.c_str(), O_DIRECT);
    Result<PageBlock> pages = PageBlock::map({1u << 20}, PageKind::huge);
    if (!pages) throw BenchError("no memory for direct reads");
    pages_ = std::move(*pages);
  }
  void close() override { file_.reset(); }

  void run(const LoadRun& run, LoadClock& clock) override {
    const std::uint32_t slots = asked_ahead_ == 0 ? run.requesters : asked_ahead_;
    RingLoop loop(file_->descriptor());
    AssetBytes assets;
    const auto span_of = [&](std::uint32_t container) {
      return RingSpan{.at = at_[container], .size = at_[container + 1] - at_[container]};
    };
    const auto visit = [&](std::uint32_t container, std::span<const std::byte> bytes) {
      if (run.visit == nullptr) return;
      assets.clear();
      split_by_asset(*tree_, container, bytes.first(tree_->container_size[container]), assets);
      (*run.visit)(container, assets);
    };
    clock.start();
    loop.read_all({.order = run.order,
                   .span_of = span_of,
                   .scratch = run.scratch.first(slots),
                   .visit = visit,
                   .latencies_us = run.latencies_us});
    clock.stop();
  }

  void read_slice(const SliceRead& slice) override {
    const std::uint32_t container = container_of(*tree_, slice.asset);
    const std::uint64_t at = at_[container] + offset_in_container(*tree_, slice.asset) + slice.at;
    const std::span<const std::byte> bytes =
        read_direct(*file_, at, slice.into.size(), pages_.bytes());
    std::copy(bytes.begin(), bytes.end(), slice.into.begin());
  }

 private:
  std::uint32_t asked_ahead_;
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::vector<std::uint64_t> at_;  // of each container in the file; one more: the end
  std::optional<ReadFile> file_;
  PageBlock pages_;  // of a slice
};

}  // namespace

std::unique_ptr<Contender> make_stored_raw(std::uint32_t asked_ahead) {
  return std::make_unique<StoredRaw>(asked_ahead);
}

}  // namespace nf::bench
