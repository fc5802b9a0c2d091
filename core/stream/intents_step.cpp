// Intents: what is stated, and what keeps the far side of a jump within its share.
//
// What only intents want starts within the IntentAccount's limits, takes no memory from anything
// that an observer wants, and gives its own up for that. Once an observer or a pin comes to want
// it, it is theirs; if nobody ever does, its memory is free again when the intent is withdrawn.
#include <algorithm>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr Duration kIntentInMax = {24ll * 3600 * 1'000'000'000};
constexpr double kProbabilityMin = 0.01;  // what is less likely ranks like this

}  // namespace

Result<IntentId> StreamerImpl::intend(ObserverId id, const Intent& intent, Time now) {
  const Result<IntentSample> sample = in_body(intent, now);
  if (!sample) return sample.error();
  return interest_.intend(id, *sample);
}

Result<void> StreamerImpl::change_intent(IntentId id, const Intent& intent, Time now) {
  const Result<IntentSample> sample = in_body(intent, now);
  if (!sample) return sample.error();
  return interest_.change_intent(id, *sample);
}

Result<IntentSample> StreamerImpl::in_body(const Intent& intent, Time now) const {
  if (!world_.has_frame(intent.frame) || intent.in.ns < 0) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  const FramePlace frame = world_.frame(intent.frame);
  return IntentSample{.body = frame.body,
                      .position = to_outer(frame.pose, intent.position),
                      .velocity = to_outer(frame.pose, intent.velocity),
                      .arrives_at = now + std::min(intent.in, kIntentInMax),
                      .probability = intent.probability};
}

// What is only half as likely ranks like what is needed in twice the time.
Time StreamerImpl::rank_of(const Wanted& wanted, Time now) const {
  if (wanted.keep_only) return Time::never();
  if (!wanted.by_intent) return wanted.needed_at;
  const double likely = std::max(static_cast<double>(wanted.probability), kProbabilityMin);
  return now + Duration::from_seconds((wanted.needed_at - now).seconds() / likely);
}

// Whether nobody wants it but by intents. Of what is pending, once what waits for it has passed its
// need on.
bool StreamerImpl::only_intended(const ActiveContainer& container) const {
  if (container.pins > 0 || container.claimed_frame == frame_) return false;
  return container.listed ? container.by_intent : container.intended_frame == frame_;
}

void StreamerImpl::take_off_account(ActiveContainer& container) {
  if (!container.on_account) return;
  container.on_account = false;
  intent_account_.give_back(Bytes{container.memory.size});
  if (container.load.valid()) intent_account_.end_load();
}

// Somebody wants it by something else than an intent, and so what it depends on.
void StreamerImpl::claim(ActiveContainer& container) {
  if (intent_account_.empty()) return;
  take_off_account(container);
  for (const ContainerId dependency : world_.dependencies(container.id)) {
    const ActiveSlot slot = active_.find(dependency);
    if (slot.valid()) take_off_account(active_[slot]);
  }
}

// Its memory stays on the account until the kernel has given its buffers back.
void StreamerImpl::abandon_intended(ActiveContainer& container) {
  if (!container.on_account) return;
  container.on_account = false;
  intent_account_.abandon_load(container.memory);
}

void StreamerImpl::end_intended(const LoadEnd& end) {
  if (!end.owner.valid()) {
    if (intent_account_.end_abandoned(end.memory)) stats_.intent_bytes_wasted += end.bytes_read;
    return;
  }
  ActiveContainer& container = active_[end.owner];
  if (!container.on_account) return;
  if constexpr (planted_bug != kIntentLoadNeverOver) intent_account_.end_load();
  if (!end.error) return;
  container.on_account = false;
  intent_account_.give_back(Bytes{end.memory.size});
}

// Leaves among the candidates no more of what is only intended than may start in this frame: the
// most urgent of it.
void StreamerImpl::admit_intended(Time now) {
  if (interest_.intent_count() == 0) return;
  const auto middle = std::partition(
      candidates_.begin(), candidates_.end(),
      [this](const Waiting& c) { return !only_intended(active_[ActiveSlot{c.slot}]); });
  const std::span<Waiting> intended(middle, candidates_.end());
  order_by_need(intended, options_.loads_max);
  const std::size_t looked_at = std::min<std::size_t>(intended.size(), options_.loads_max);
  std::uint32_t loads = 0;
  Bytes taken;
  for (const Waiting& candidate : intended.first(looked_at)) {
    if (loads == intent_account_.loads_left()) break;
    const ActiveSlot slot{candidate.slot};
    const Bytes size = intent_account_.memory_for(raw_size_of(active_[slot].id));
    if (size > intent_account_.memory_max() && planted_bug != kIntentShareIgnored) {
      ++stats_.overflows;  // once for each time that it is tried
      postpone(slot, now);
      continue;
    }
    if (!make_share(taken + size, candidate.needed_at, now)) break;
    taken += size;
    intended[loads++] = candidate;
  }
  candidates_.resize(candidates_.size() - intended.size() + loads);
}

// Gives up what intents want clearly later, until the account has so much left.
bool StreamerImpl::make_share(Bytes size, Time needed_at, Time now) {
  if (planted_bug == kIntentShareIgnored || size <= intent_account_.memory_left()) return true;
  find_victims();
  Bytes on_its_way;  // comes back with reads that are under way
  for (auto victim = victims_.rbegin(); victim != victims_.rend(); ++victim) {
    const ActiveContainer& container = active_[victim->slot];
    if (!container.on_account || !container.memory.valid()) continue;
    // They stand a margin later there than they rank.
    if (victim->needed_at <= needed_at + kEvictionMargin + kEvictionMargin) break;
    if (container.load.valid()) on_its_way += Bytes{victim->size};
    give_up(victim->slot, now);
    victim->size = 0;
    if (size <= intent_account_.memory_left()) return true;
    if (size <= intent_account_.memory_left() + on_its_way) break;
  }
  return false;
}

// From what is free, or what nobody wants any more.
SpanAllocator::Span StreamerImpl::make_room_for_intended(std::uint64_t size, Time now) {
  const SpanAllocator::Span memory = memory_spans_.allocate(size);
  const Bytes free = memory_spans_.capacity() - memory_spans_.used();
  if (memory.valid() || free + active_.cached_bytes() < Bytes{size}) return memory;
  std::uint32_t evicted = 0;
  return evict_cached_for(size, evicted, now);
}

// An observer found no memory: what is held for intents without being there yet is let go of, and
// so are those whose dependencies take memory.
void StreamerImpl::let_intended_yield(Time needed_at, Time now) {
  if (intent_account_.empty()) return;
  for (const ActiveSlot slot : pending_) {
    const ActiveContainer& container = active_[slot];
    const bool waits = !container.load.valid() && !container.in_memory;
    if (container.holds && waits && only_intended(container)) postpone(slot, now);
  }
  find_victims();
  for (Victim& victim : victims_) {
    const ActiveContainer& container = active_[victim.slot];
    if (!container.on_account || !container.memory.valid() || !container.holds) continue;
    if (victim.needed_at <= needed_at + kEvictionMargin) continue;
    give_up(victim.slot, now);
    victim.size = 0;
  }
}

}  // namespace nf
