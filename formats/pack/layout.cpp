#include "formats/pack/layout.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf {

namespace {

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::size_t padded_size(std::size_t size) {
  return align_up(size, kAssetAlignment);
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
  const bool large = padded_size(bytes.size()) > sizes_.part_of(kind);
  const bool fits = !large && held + padded_size(bytes.size()) <= sizes_.shared;
  const bool kind_changes = held >= kMixedBelow && open_.kind != kind;
  if (held > 0 && (!fits || kind_changes)) close(finished);
  const std::uint64_t at = size_;
  size_ += padded_size(bytes.size());
  if (large) {
    split(kind, bytes, finished);
  } else if (!bytes.empty()) {
    if (open_.bytes.empty()) open_.kind = kind;
    open_.bytes.insert(open_.bytes.end(), bytes.begin(), bytes.end());
    open_.bytes.resize(padded_size(open_.bytes.size()));
  }
  return at;
}

void ChunkCutter::split(AssetKind kind, std::span<const std::byte> bytes,
                        std::vector<RawChunk>& finished) const {
  const std::size_t size = padded_size(bytes.size());
  const std::size_t part_size = sizes_.part_of(kind);
  const std::size_t parts = (size + part_size - 1) / part_size;
  NF_ASSERT(parts > 0);
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t first = size * i / parts;
    const std::size_t last = std::min(size * (i + 1) / parts, bytes.size());
    const std::span<const std::byte> part = bytes.subspan(first, last - first);
    finished.push_back({.kind = kind, .bytes = {part.begin(), part.end()}});
  }
  finished.back().bytes.resize(size - size * (parts - 1) / parts);
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
