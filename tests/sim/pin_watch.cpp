#include "tests/sim/pin_watch.h"

#include <algorithm>

namespace nf::sim {
namespace {

constexpr Duration kNeededInMax = {24ll * 3600 * 1'000'000'000};
// A read that waits is moved forward for no less.
constexpr Duration kMovedForward = {100'000'000};

}  // namespace

bool PinWatch::pin(Streamer& streamer, ContainerId id, Duration needed_in, Time now) {
  Pin pin = streamer.pin(id, needed_in);
  if (!pin.id().valid()) return false;
  const Time needed_at = now + std::clamp(needed_in, Duration{}, kNeededInMax);
  const auto [at, fresh] = held_.try_emplace(id);
  Held& held = at->second;
  held.needed_at = fresh ? needed_at : std::min(held.needed_at, needed_at);
  held.pins.push_back(std::move(pin));
  return true;
}

void PinWatch::touch(ContainerId id, Time now) {
  const auto held = held_.find(id);
  if (held != held_.end()) held->second.needed_at = std::min(held->second.needed_at, now);
}

ContainerId PinWatch::any(Prng& prng) const {
  return std::next(held_.begin(), static_cast<std::ptrdiff_t>(prng.below(held_.size())))->first;
}

void PinWatch::drop_any(Prng& prng) {
  if (held_.empty()) return;
  const auto at = held_.find(any(prng));
  at->second.pins.erase(at->second.pins.begin());
  if (at->second.pins.empty()) held_.erase(at);
}

void PinWatch::find_needs(const SimMounts& mounts, const std::vector<bool>& resident,
                          const Claims& claims) {
  needs_.assign(mounts.count(), Time::never());
  for (const auto& [id, held] : held_) {
    needs_[id.value] = std::min(needs_[id.value], held.needed_at);
    if (resident[id.value] || !claims.no_overflow) continue;
    mounts.for_each_dependency(id, [&, needed_at = held.needed_at](ContainerId on) {
      needs_[on.value] = std::min(needs_[on.value], needed_at);
    });
  }
}

const char* PinWatch::check(const Streamer& streamer, CheckingDevice& device,
                            const SimMounts& mounts, const std::vector<bool>& resident,
                            const Claims& claims) {
  const std::vector<Read> submitted = device.take_submitted();
  if (held_.empty()) return nullptr;
  find_needs(mounts, resident, claims);
  for (const Read& read : submitted) {
    const Time needed_at = needs_[mounts.container_at(read.file, read.at).value];
    if (read.deadline > needed_at) return "a read was submitted as needed later than its pins say";
    if (claims.only_pins && read.deadline != needed_at)
      return "a read was submitted as needed sooner than its pins say";
  }
  for (const CheckingDevice::Lent& lent : device.outstanding()) {
    if (!claims.no_errors) break;
    const Time needed_at = needs_[mounts.container_at(lent.read.file, lent.read.at).value];
    if (needed_at == Time::never() || lent.read.deadline - needed_at < kMovedForward) continue;
    if (device.waits(lent)) return "a read that waits was not moved forward";
  }
  if (const char* broken = check_bytes(mounts)) return broken;
  return claims.only_pins ? check_starts(streamer, mounts) : nullptr;
}

// As long as a pin is held, they are what they were.
const char* PinWatch::check_bytes(const SimMounts& mounts) const {
  for (const auto& [id, held] : held_) {
    const Pin& pin = held.pins.front();
    for (std::uint32_t i = 0; i < pin.asset_count() && pin.resident(); ++i) {
      if (!mounts.decodes_to(id, pin.asset(i).bytes)) return "bytes changed under a pin";
    }
  }
  return nullptr;
}

// While something that it depends on fails, that is all that is told of it: whether its own load is
// under way cannot be seen.
bool PinWatch::is_hidden(const Streamer& streamer, const SimMounts& mounts, ContainerId id) {
  bool hidden = false;
  if (!mounts.is_dependency(id)) {
    mounts.for_each_dependency(id, [&](ContainerId on) { hidden |= bool{streamer.failure(on)}; });
  }
  return hidden;
}

// Of all that could be started, what is needed soonest was.
const char* PinWatch::check_starts(const Streamer& streamer, const SimMounts& mounts) {
  const std::vector<Seen> before = std::exchange(seen_, {});
  Time first_queued = Time::never();
  Time last_started{};
  for (std::uint32_t id = 0; id < needs_.size(); ++id) {
    const Residency state = streamer.state({id});
    const Seen was = id < before.size() ? before[id] : Seen{};
    const bool was_under_way =
        was.state == Residency::reading || was.state == Residency::decoding || was.hidden;
    const bool hidden = state == Residency::failed && is_hidden(streamer, mounts, {id});
    seen_.push_back({.state = state, .hidden = hidden});
    if (needs_[id] == Time::never()) continue;
    if (state == Residency::queued) first_queued = std::min(first_queued, needs_[id]);
    if (state == Residency::reading && !was_under_way) {
      last_started = std::max(last_started, needs_[id]);
    }
  }
  return last_started <= first_queued ? nullptr : "a load began before one that is needed sooner";
}

}  // namespace nf::sim
