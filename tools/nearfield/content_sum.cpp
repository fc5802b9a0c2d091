#include "tools/nearfield/content_sum.h"

#include "core/codec/codec.h"

namespace nf {

Bytes ContentSum::add(ContainerId id, const Pin& pin) {
  Bytes size;
  const std::uint32_t count = pin.asset_count();
  const bool first_time = !known_[id.value];
  words_.clear();
  const PathHash path = tables_.containers.path_hash[id.value];
  words_.insert(words_.end(), {path.low, path.high});
  for (std::uint32_t i = 0; i < count; ++i) {
    const AssetView asset = pin.asset(i);
    size += Bytes{asset.bytes.size()};
    if (!first_time) continue;
    const PathHash bytes = hash128(asset.bytes);
    words_.insert(words_.end(), {asset.id.value, bytes.low, bytes.high});
  }
  if (first_time) {
    digests_[id.value] = hash128(std::as_bytes(std::span(words_)));
    known_[id.value] = true;
  }
  return size;
}

PathHash ContentSum::sum(const std::vector<bool>& chosen) const {
  PathHash total;
  for (std::size_t i = 0; i < digests_.size(); ++i) {
    if (!chosen[i] || !known_[i]) continue;
    total.low += digests_[i].low;
    total.high += digests_[i].high;
  }
  return total;
}

}  // namespace nf
