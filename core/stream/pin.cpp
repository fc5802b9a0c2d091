#include <nearfield/pin.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {

Pin::Pin(StreamerImpl* owner, ContainerId id) : owner_(owner), id_(id) {}
Pin::Pin(Pin&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      id_(std::exchange(other.id_, ContainerId::none())) {}
Pin& Pin::operator=(Pin&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(id_, other.id_);
  return *this;
}
Pin::~Pin() {
  if (owner_ != nullptr) owner_->unpin(id_);
}

bool Pin::resident() const {
  if (owner_ == nullptr) return false;
  const ActiveContainer* container = owner_->find_active(id_);
  return container != nullptr && container->announced;
}

std::uint32_t Pin::asset_count() const {
  if (owner_ == nullptr) return 0;
  const auto [mount, local] = owner_->world().origin(id_);
  const auto& first = mount->tables->containers.first_asset;
  return first[local + 1] - first[local];
}

AssetView Pin::asset(std::uint32_t index) const {
  NF_ASSERT(index < asset_count());
  const auto [mount, local] = owner_->world().origin(id_);
  const AssetTable& assets = mount->tables->assets;
  const std::uint32_t at = mount->tables->containers.first_asset[local] + index;
  AssetView view{.id = assets.name_hash[at], .index = at, .kind = assets.kind[at], .bytes = {}};
  const std::span<const std::byte> all = owner_->bytes_of(id_);
  if (!all.empty()) view.bytes = all.subspan(assets.raw_at[at], assets.raw_size[at]);
  return view;
}

Result<std::span<const std::byte>> Pin::find(AssetId id) const {
  if (owner_ == nullptr) return Error{.code = ErrorCode::not_found};
  if (!resident()) {
    const Error failure = owner_->failure(id_);
    return failure ? failure : Error{.code = ErrorCode::not_found};
  }
  const auto [mount, local] = owner_->world().origin(id_);
  const WorldTables& tables = *mount->tables;
  const AssetId* first = tables.assets.name_hash.data() + tables.containers.first_asset[local];
  const AssetId* end = tables.assets.name_hash.data() + tables.containers.first_asset[local + 1];
  const AssetId* found = std::lower_bound(first, end, id);
  if (found == end || *found != id) return Error{.code = ErrorCode::not_found};
  return asset(static_cast<std::uint32_t>(found - first)).bytes;
}

}  // namespace nf
