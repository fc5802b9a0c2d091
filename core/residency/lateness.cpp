#include "core/residency/lateness.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nf {
namespace {

constexpr double kFading = 63.0 / 64;     // of what was measured, with each further sample
constexpr std::int64_t kForgetting = 16;  // a part of the latency, with each that was alone
constexpr double kMost = 1e9;             // seconds, of what is expected

}  // namespace

void BareTime::add(const Sample& sample) {
  const Duration took = std::max(sample.until - sample.from, Duration{});
  const Duration before = latency_;
  if (sample.alone && before.ns != INT64_MAX) {
    latency_ = {before.ns + before.ns / kForgetting + 1};
  }
  latency_ = std::min(latency_, took);
  const Time from = std::max(sample.from, last_until_);
  last_until_ = std::max(last_until_, sample.until);
  const Duration served = std::max(sample.until - from - latency_, Duration{});
  bytes_ = bytes_ * kFading + static_cast<double>(sample.size.value);
  seconds_ = seconds_ * kFading + served.seconds();
}

Duration BareTime::expected(Bytes size) const {
  if (latency_.ns == INT64_MAX) return {};
  const double seconds =
      bytes_ > 0 ? static_cast<double>(size.value) / bytes_ * seconds_ : double{0};
  return latency_ + Duration::from_seconds(std::min(seconds, kMost));
}

LateCause find_cause(const ArrivalHistory& history, const LateCase& late) {
  const Time wanted = std::min(history.wanted_since, late.needed_since);
  const auto within = [&](Time time) { return std::clamp(time, wanted, late.until); };
  const auto span = [](Time from, Time until) { return std::max(until - from, Duration{}); };
  const auto beyond = [](Duration took, Duration bare) {
    return std::max(took - bare, Duration{});
  };
  const bool was_there = history.ready_at <= wanted;  // in memory when it began to be wanted
  const Duration bare_read = was_there ? Duration{} : late.bare_read;
  const Duration bare_decode = was_there ? Duration{} : late.bare_decode;

  const Time waited_until = within(std::min(history.failed_since, history.load_at));
  const Time load = within(history.load_at);
  const Time read = within(history.read_at);
  const Time ready = within(history.ready_at);
  const Time free = std::max(ready, within(late.dependencies_at));
  const Duration waited = waited_until - wanted;
  const Duration memory = std::min(
      waited, std::max(late.memory_short, span(within(history.memory_since), waited_until)));
  const Duration failed = span(within(history.failed_since), load);
  Duration disk = waited - memory + beyond(span(load, read), bare_read);
  const Duration decode = beyond(span(read, ready), bare_decode);
  const Duration bare = bare_read + bare_decode;
  const Duration lead = late.needed_since - wanted;
  const Duration missing = std::max(bare - lead, Duration{});
  Duration foretold = std::min(missing, span(late.needed_since, late.until));
  if (missing > Duration{}) {
    // What was foretold too late stands behind others at the disk for that.
    const Duration hidden =
        Duration::from_seconds(disk.seconds() * (missing.seconds() / bare.seconds()));
    foretold = foretold + hidden;
    disk = disk - hidden;
  }

  struct Excess {
    LateCause cause;
    Duration time;
  };
  const std::array<Excess, 7> all = {{{LateCause::failed, failed},
                                      {LateCause::memory, memory},
                                      {LateCause::decode, decode},
                                      {LateCause::disk, disk},
                                      {LateCause::budget, span(free, late.until)},
                                      {LateCause::dependency, span(ready, free)},
                                      {LateCause::foretold_too_late, foretold}}};
  const Excess most = *std::max_element(
      all.begin(), all.end(), [](const Excess& a, const Excess& b) { return a.time < b.time; });
  if (most.time > Duration{}) {
    const bool inherits = most.cause == LateCause::dependency && late.dependency != LateCause::none;
    return inherits ? late.dependency : most.cause;
  }
  if (lead <= bare) return LateCause::foretold_too_late;
  return history.ready_at == Time::never() ? LateCause::disk : LateCause::budget;
}

}  // namespace nf
