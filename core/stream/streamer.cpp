#include <nearfield/streamer.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/codec/codec.h"
#include "core/stream/streamer_impl.h"
#include "core/world/container_view.h"
#include "core/world/gates.h"

namespace nf {

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

Result<void> Streamer::unmount(ContainerId root) {
  impl_->assert_owner();
  return impl_->unmount(root);
}

bool Streamer::mounted(ContainerId root) const {
  const std::span<const Mount> mounts = impl_->world().mounts();
  return std::any_of(mounts.begin(), mounts.end(),
                     [root](const Mount& mount) { return mount.range.first == root; });
}

Result<ContainerId> Streamer::spawn(ContainerId template_root, ContainerId parent,
                                    const FrameMotion& motion, Time now) {
  impl_->assert_owner();
  return impl_->spawn(template_root, parent, motion, now);
}

Result<void> Streamer::despawn(ContainerId id, Time now) {
  impl_->assert_owner();
  return impl_->despawn(id, now);
}

Result<void> Streamer::attach(ContainerId id, ContainerId parent, const FrameMotion& motion,
                              Time now) {
  impl_->assert_owner();
  return impl_->attach(id, parent, motion, now);
}

ContainerId Streamer::template_of(ContainerId id) const {
  const World& world = impl_->world();
  return world.exists(id) && world.is_spawned(id) ? world.content(id) : ContainerId::none();
}

Result<ObserverId> Streamer::add_observer(const Observer& observer, Time now) {
  impl_->assert_owner();
  return impl_->add_observer(observer, now);
}

void Streamer::move_observer(ObserverId id, const Motion& motion, Time now) {
  impl_->assert_owner();
  impl_->move_observer(id, motion, now);
}

Result<void> Streamer::move_frame(ContainerId id, const FrameMotion& motion, Time now) {
  impl_->assert_owner();
  return impl_->move_frame(id, motion, now);
}

Result<IntentId> Streamer::intend(ObserverId id, const Intent& intent, Time now) {
  impl_->assert_owner();
  return impl_->intend(id, intent, now);
}

Result<IntentId> Streamer::intend(ObserverId id, GateId gate, Duration in, float probability,
                                  Time now) {
  const GateView view = this->gate(gate);
  if (!view.target.valid()) return Error{.code = ErrorCode::not_found};
  return intend(id,
                {.frame = view.target,
                 .position = view.target_position,
                 .velocity = {},
                 .in = in,
                 .probability = probability},
                now);
}

Result<void> Streamer::change_intent(IntentId id, const Intent& intent, Time now) {
  impl_->assert_owner();
  return impl_->change_intent(id, intent, now);
}

void Streamer::withdraw(IntentId id) {
  impl_->assert_owner();
  impl_->withdraw(id);
}

void Streamer::remove_observer(ObserverId id) {
  impl_->assert_owner();
  impl_->remove_observer(id);
}

std::span<const ContainerId> Streamer::interest_of(ObserverId id) const {
  impl_->assert_owner();
  return impl_->interest_of(id);
}

Bytes Streamer::share_of(ObserverId id) const {
  impl_->assert_owner();
  return impl_->share_of(id);
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

ContainerView Streamer::container(ContainerId id) const {
  return view_container(impl_->world(), id);
}

Result<FrameMotion> Streamer::frame_in(ContainerId id, ContainerId in) const {
  return nf::frame_in(impl_->world(), id, in);
}

GateRange Streamer::gates_of(ContainerId container) const {
  return nf::gates_of(impl_->world(), container);
}

GateId Streamer::find_gate(ContainerId container, std::string_view name) const {
  return nf::find_gate(impl_->world(), container, asset_id(name).value);
}

GateView Streamer::gate(GateId id) const {
  return view_gate(impl_->world(), id);
}

Result<void> Streamer::wait(const Pin& pin, Time now, Duration timeout) {
  impl_->assert_owner();
  if (!pin.id().valid()) return Error{.code = ErrorCode::invalid_argument};
  return impl_->wait(pin.id(), now, timeout);
}

Result<void> Streamer::fill(Time now, Duration timeout) {
  impl_->assert_owner();
  return impl_->fill(now, timeout);
}

void Streamer::wait_for_progress(Duration timeout) {
  impl_->assert_owner();
  impl_->wait_for_progress(timeout);
}

void Streamer::report_cost(ContainerId id, Activation what, Duration measured) {
  impl_->assert_owner();
  impl_->report_cost(id, what, measured);
}

Residency Streamer::state(ContainerId id) const {
  return impl_->state(id);
}

LateCause Streamer::cause(ContainerId id) const {
  return impl_->cause(id);
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

}  // namespace nf
