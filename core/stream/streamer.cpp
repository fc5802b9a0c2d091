#include <nearfield/streamer.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/codec/codec.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

bool known(const World& world, ContainerId frame) {
  return !frame.valid() || frame.value < world.container_count();
}

}  // namespace

Streamer::Streamer(StreamerImpl* impl) : impl_(impl) {}
Streamer::Streamer(Streamer&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
Streamer& Streamer::operator=(Streamer&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
Streamer::~Streamer() {
  delete impl_;
}

Result<Streamer> Streamer::create(const StreamerOptions& options) {
  auto made = StreamerImpl::create(options);
  if (!made) return made.error();
  return Streamer(made->release());
}

Result<ContainerRange> Streamer::mount(const Source& source) {
  impl_->assert_owner();
  return impl_->mount(source);
}

Result<ObserverId> Streamer::add_observer(const Observer& observer, Time now) {
  impl_->assert_owner();
  if (!known(impl_->world(), observer.motion.frame)) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  return impl_->add_observer(observer, now);
}

void Streamer::move_observer(ObserverId id, const Motion& motion, Time now) {
  impl_->assert_owner();
  NF_ASSERT(known(impl_->world(), motion.frame));
  impl_->move_observer(id, motion, now);
}

Result<void> Streamer::move_frame(ContainerId id, const FrameMotion& motion, Time now) {
  impl_->assert_owner();
  return impl_->move_frame(id, motion, now);
}

void Streamer::remove_observer(ObserverId id) {
  impl_->assert_owner();
  impl_->interest().remove(id);
}

FrameEvents Streamer::update(Time now) {
  impl_->assert_owner();
  return impl_->update(now);
}

Pin Streamer::pin(ContainerId id, Duration needed_in) {
  impl_->assert_owner();
  return impl_->pin(id, needed_in) ? Pin(impl_, id) : Pin();
}

ContainerId Streamer::find(std::string_view path) const {
  return impl_->world().find(path_hash(path));
}

Result<void> Streamer::wait(const Pin& pin, Time now, Duration timeout) {
  impl_->assert_owner();
  if (!pin.id().valid()) return Error{.code = ErrorCode::invalid_argument};
  return impl_->wait(pin.id(), now, timeout);
}

void Streamer::wait_for_progress(Duration timeout) {
  impl_->assert_owner();
  impl_->wait_for_progress(timeout);
}

Residency Streamer::state(ContainerId id) const {
  return impl_->state(id);
}

Error Streamer::failure(ContainerId id) const {
  return impl_->failure(id);
}

Stats Streamer::stats() const {
  return impl_->stats();
}
const char* Streamer::backend() const {
  return impl_->backend();
}
const char* Streamer::backend_reason() const {
  return impl_->backend_reason();
}
bool Streamer::idle() const {
  return impl_->idle();
}

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
  const Mount& mount = owner_->world().mount_of(id_);
  const std::uint32_t local = id_.value - mount.range.first.value;
  const auto& first = mount.tables->containers.first_asset;
  return first[local + 1] - first[local];
}

AssetView Pin::asset(std::uint32_t index) const {
  NF_ASSERT(index < asset_count());
  const Mount& mount = owner_->world().mount_of(id_);
  const std::uint32_t local = id_.value - mount.range.first.value;
  const AssetTable& assets = mount.tables->assets;
  const std::uint32_t at = mount.tables->containers.first_asset[local] + index;
  AssetView view{.id = assets.name_hash[at], .kind = assets.kind[at], .bytes = {}};
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
  const Mount& mount = owner_->world().mount_of(id_);
  const std::uint32_t local = id_.value - mount.range.first.value;
  const auto& tables = *mount.tables;
  const AssetId* first = tables.assets.name_hash.data() + tables.containers.first_asset[local];
  const AssetId* end = tables.assets.name_hash.data() + tables.containers.first_asset[local + 1];
  const AssetId* found = std::lower_bound(first, end, id);
  if (found == end || *found != id) return Error{.code = ErrorCode::not_found};
  return asset(static_cast<std::uint32_t>(found - first)).bytes;
}

}  // namespace nf
