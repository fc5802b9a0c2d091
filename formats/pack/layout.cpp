#include "formats/pack/layout.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace nf {

namespace {

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

}  // namespace

std::vector<std::uint32_t> layout_order(const std::vector<SourceAsset>& assets) {
  std::vector<std::uint32_t> order(assets.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const SourceAsset& x = assets[a];
    const SourceAsset& y = assets[b];
    return std::tuple(x.kind, extension_of(x.name), std::string_view(x.name)) <
           std::tuple(y.kind, extension_of(y.name), std::string_view(y.name));
  });
  return order;
}

std::uint64_t ChunkCutter::add(AssetKind kind, std::span<const std::byte> bytes,
                               std::vector<RawChunk>& finished) {
  const std::size_t held = open_.bytes.size();
  const bool fits = bytes.size() <= chunk_size_ && held + bytes.size() <= chunk_size_;
  const bool kind_changes = held >= kMixedBelow && open_.kind != kind;
  if (held > 0 && (!fits || kind_changes)) close(finished);
  const std::uint64_t at = size_;
  size_ += bytes.size();
  if (bytes.size() > chunk_size_) {
    const std::size_t parts = (bytes.size() + chunk_size_ - 1) / chunk_size_;
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t first = bytes.size() * i / parts;
      const std::size_t last = bytes.size() * (i + 1) / parts;
      const std::span<const std::byte> part = bytes.subspan(first, last - first);
      finished.push_back({.kind = kind, .bytes = {part.begin(), part.end()}});
    }
  } else if (!bytes.empty()) {
    if (open_.bytes.empty()) open_.kind = kind;
    open_.bytes.insert(open_.bytes.end(), bytes.begin(), bytes.end());
  }
  return at;
}

void ChunkCutter::finish(std::vector<RawChunk>& finished) {
  if (!open_.bytes.empty()) close(finished);
  size_ = 0;
}

void ChunkCutter::close(std::vector<RawChunk>& finished) {
  finished.push_back(std::move(open_));
  open_ = {};
}

}  // namespace nf
