#include "tests/sim/failures.h"

#include <algorithm>
#include <set>

namespace nf::sim {
namespace {

constexpr std::uint32_t kTriesMax = 3;  // of a segment, before its container fails

}  // namespace

void Failures::take(Stage& stage, const FrameEvents& events) {
  all_.resize(stage.mounts.count());
  std::set<std::uint32_t> told;
  for (const ContainerId id : events.failed) {
    stage.check(told.insert(id.value).second, "a container was told as failed twice in a frame");
  }
  for (const CheckingDevice::Came& came : stage.traffic.came) {
    if (!came.good) ++all_[stage.container_of(came.read).value].bad;
  }
  for (const ContainerId id : events.failed) check_told(stage, id);
  note_traffic(stage);
  for (ContainerId id{0}; id.value < all_.size(); ++id.value) check_untold(stage, id);
}

// Before this frame's reads are noted: none of these can have hung.
void Failures::check_told(Stage& stage, ContainerId id) {
  Known& known = all_[id.value];
  const Residency state = stage.streamer->state(id);
  const bool is_wanted = state != Residency::dormant && state != Residency::leaving;
  stage.check(is_wanted && !stage.resident[id.value],
              "what nobody wants, or what is there, was told as failed");
  stage.check(known.bad >= kTriesMax || has_hung(stage, id),
              "a container failed whose reads were answered in time with the right bytes");
  known.bad = 0;
  known.told = true;
}

// It had all this time to be answered; what hangs when its load is abandoned is still out.
bool Failures::has_hung(const Stage& stage, ContainerId id) const {
  const auto since = [&](const Read& read) {
    const auto given = given_.find(read.tag.value);
    if (given == given_.end() || stage.container_of(read) != id) return Duration{};
    return stage.now - given->second;
  };
  Duration longest;
  for (const CheckingDevice::Lent& lent : stage.device.outstanding()) {
    longest = std::max(longest, since(lent.read));
  }
  // In a wait it may have come back since.
  for (const CheckingDevice::Came& came : stage.traffic.came) {
    if (stage.waited) longest = std::max(longest, since(came.read));
  }
  return longest >= stage.plan.streamer.read_timeout;
}

void Failures::note_traffic(const Stage& stage) {
  const Time given_at = stage.waited ? stage.told : stage.now;
  for (const Read& read : stage.traffic.accepted) given_[read.tag.value] = given_at;
  for (const CheckingDevice::Came& came : stage.traffic.came) given_.erase(came.read.tag.value);
}

// What has failed by itself was told so when it did.
void Failures::check_untold(Stage& stage, ContainerId id) {
  Known& known = all_[id.value];
  const Residency state = stage.streamer->state(id);
  if (state != Residency::failed) known.told = false;
  if (stage.resident[id.value]) known.bad = 0;
  if (state != Residency::failed || known.told) return;
  bool by_another = false;
  stage.mounts.for_each_dependency(
      id, [&](ContainerId on) { by_another |= stage.streamer->state(on) == Residency::failed; });
  stage.check(by_another, "a container failed and was not told as failed");
}

}  // namespace nf::sim
