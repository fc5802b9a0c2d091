// Observers and frames: from the containers' frames that an engine speaks of to the bodies that
// the runtime reckons in.
#include <cmath>

#include "core/base/assert.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

MotionSample sample_of(const Motion& motion, const FramePlace& frame, Time now) {
  return {.at = now,
          .position = to_outer(frame.pose, motion.position),
          .velocity = to_outer(frame.pose, motion.velocity)};
}

}  // namespace

// None if nothing can be in that frame.
const FramePlace* StreamerImpl::find_frame(std::uint32_t slot, ContainerId frame) {
  NF_ASSERT(slot < frames_.size());
  KnownFrame& known = frames_[slot];
  if (known.known_at != frames_version_ || known.frame != frame) {
    if (!world_.has_frame(frame)) return nullptr;
    known = {.frame = frame, .place = world_.frame(frame), .known_at = frames_version_};
  }
  return &known.place;
}

Result<ObserverId> StreamerImpl::add_observer(const Observer& observer, Time now) {
  if (!(observer.speed_max >= 0 && observer.speed_max <= kEnvelopeSpeedMax)) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  if (!(observer.weight > 0 && std::isfinite(observer.weight))) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  if (!world_.has_frame(observer.motion.frame)) return Error{.code = ErrorCode::invalid_argument};
  const FramePlace frame = world_.frame(observer.motion.frame);
  const Result<ObserverId> added =
      interest_.add(sample_of(observer.motion, frame, now), observer.bubble_scale, frame.body);
  if (added) open_account(*added, observer.weight);
  if (added && observer.speed_max > 0) {
    interest_.set_envelope(*added, {.speed_max = observer.speed_max});
  }
  return added;
}

// Accounts are opened and closed with their observers.
bool StreamerImpl::is_observer(ObserverId id) const {
  const auto slot = static_cast<std::uint32_t>(id.value);
  return id.valid() && slot < accounts_.size() && accounts_[slot].observer == id;
}

void StreamerImpl::remove_observer(ObserverId id) {
  if (!is_observer(id)) return;
  interest_.remove(id);
  accounts_[static_cast<std::uint32_t>(id.value)] = {};
}

std::span<const ContainerId> StreamerImpl::interest_of(ObserverId id) const {
  return is_observer(id) ? interest_.set_of(id) : std::span<const ContainerId>();
}

Bytes StreamerImpl::share_of(ObserverId id) const {
  return is_observer(id) ? accounts_[static_cast<std::uint32_t>(id.value)].read : Bytes{};
}

void StreamerImpl::move_observer(ObserverId id, const Motion& motion, Time now) {
  if (!is_observer(id)) return;
  const auto slot = static_cast<std::uint32_t>(id.value);
  const FramePlace* const frame = find_frame(slot, motion.frame);
  if (frame != nullptr) interest_.move(id, sample_of(motion, *frame, now), frame->body);
}

Result<void> StreamerImpl::move_frame(ContainerId id, const FrameMotion& motion, Time now) {
  return world_.set_pose(id, pose_of(motion), now);
}

}  // namespace nf
