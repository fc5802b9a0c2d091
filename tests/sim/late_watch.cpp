#include "tests/sim/late_watch.h"

#include <algorithm>
#include <utility>

namespace nf::sim {
namespace {

bool is_wanted(Residency state) {
  return state != Residency::dormant && state != Residency::leaving;
}

bool is_under_way(Residency state) {
  return state == Residency::reading || state == Residency::decoding;
}

Duration positive(Duration duration) {
  return std::max(duration, Duration{});
}

Duration span_within(Time from, Time to, Time until) {
  return std::clamp(to, from, until) - from;
}

}  // namespace

void LateWatch::Longest::add(Duration took, std::uint64_t size) {
  seconds = std::max(seconds, took.seconds());
  seconds_a_byte = std::max(seconds_a_byte, took.seconds() / static_cast<double>(size));
}

// A latency that is no longer than the longest, and a rate that is no slower than the slowest.
Duration LateWatch::Longest::of(std::uint64_t size) const {
  return Duration::from_seconds(1.001 * (seconds + seconds_a_byte * static_cast<double>(size)));
}

void LateWatch::look(const Stage& stage, const Walkers& walkers) {
  all_.resize(stage.mounts.count());
  surely_.assign(all_.size(), false);
  maybe_ = surely_;
  for (const Walker& walker : walkers.all) {
    stage.model.look(walker.told, view_);
    for (std::uint32_t i = 0; i < all_.size(); ++i) {
      const ContainerId id{i};
      if (!stage.model.placed(id) || !view_.in[i].same_space || surely_[i]) continue;
      const Reach reach = reach_of(stage, walker, view_, id);
      surely_[i] = reach.inside;
      maybe_[i] = maybe_[i] || reach.touches;
    }
  }
}

void LateWatch::note_needs(const Stage& stage, Time at) {
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    Known& known = all_[i];
    const bool was_open = known.maybe_since != Time::never();
    const bool was_surely_open = known.surely_since != Time::never();
    if (known.there) continue;
    if (!maybe_[i]) {
      closed_.most += was_open ? 1 : 0;
      closed_.least += was_surely_open && stage.mounts.exists({i}) ? 1 : 0;
      known.maybe_since = known.surely_since = Time::never();
      known.dropped = false;
      continue;
    }
    if (!was_open) known.maybe_since = at;
    known.dropped |= stage.dropped;
    if (surely_[i]) {
      known.surely_since = std::min(known.surely_since, at);
    } else {
      closed_.most += was_open ? 1 : 0;
      known.surely_since = Time::never();
    }
  }
}

LateWatch::Span LateWatch::lateness(const Known& known, Time now) const {
  const auto since = [&](Time time) { return time == Time::never() ? Duration{} : now - time; };
  return {.least = since(known.surely_since), .most = since(known.maybe_since)};
}

// It was there, and is not any more; what came in the wait and went again was counted.
void LateWatch::note_left(Known& known) {
  closed_.least += known.came && known.came_late.least > Duration{} ? 1 : 0;
  closed_.most += known.came && known.came_late.most > Duration{} ? 1 : 0;
  const bool left = known.left;
  const Time since = known.perhaps_since;
  known = {};
  known.left = left;
  known.maybe_since = since;
}

// Events come with the next frame. What left and is in memory looks like what is to leave.
void LateWatch::note_left_in_wait(const Stage& stage, ContainerId id) {
  Known& known = all_[id.value];
  const Residency state = stage.streamer->state(id);
  if (!known.there || state == Residency::resident) return;
  if (state == Residency::leaving) {
    if (maybe_[id.value]) known.perhaps_since = stage.told;
    return;
  }
  note_left(known);
  known.left = true;
}

void LateWatch::look_in_wait(const Stage& stage, const Walkers& walkers) {
  if (!watches(stage)) return;
  look(stage, walkers);
  for (std::uint32_t i = 0; i < all_.size(); ++i) note_left_in_wait(stage, {i});
  note_needs(stage, stage.told);
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    Known& known = all_[i];
    if (known.there || stage.streamer->state({i}) != Residency::resident) continue;
    known.there = known.came = true;
    known.came_late = lateness(known, stage.told);
    known.maybe_since = known.surely_since = Time::never();
    known.dropped = false;
  }
}

void LateWatch::take(Stage& stage, const FrameEvents& events, const Walkers& walkers) {
  if (!watches(stage)) return;
  if (!some_frame_) free_before_ = {stage.plan.memory};
  some_frame_ = true;
  look(stage, walkers);
  for (const ContainerId id : events.leaving) {
    if (all_[id.value].there && !all_[id.value].left) note_left(all_[id.value]);
  }
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    if (all_[i].there && !stage.resident[i]) note_left(all_[i]);
  }
  note_needs(stage, stage.now);
  note_reads(stage);
  follow(stage, events);
  check_arrivals(stage, events);
  check_counts(stage, events);
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    Known& known = all_[i];
    known.there = stage.resident[i];
    known.left = known.came = false;
    known.perhaps_since = Time::never();
    if (!known.there) continue;
    known.maybe_since = known.surely_since = Time::never();
    known.dropped = false;
  }
  if (!events.arrived.empty()) arrival_at_ = stage.now;
  free_before_ = stage.streamer->stats().memory_free_largest;
  closed_ = {};
}

void LateWatch::check_arrivals(Stage& stage, const FrameEvents& events) {
  for (std::size_t i = 0; i < events.arrived.size(); ++i) {
    const ContainerId id = events.arrived[i];
    Known& known = all_[id.value];
    const Time at = known.came ? stage.told : stage.now;
    known.course.arrived_at = at;
    known.course.blurred |= stage.stepped;
    if (!stage.mounts.exists(id)) continue;
    const Span late = known.came ? known.came_late : lateness(known, at);
    stage.check(events.lateness[i] <= late.most, "something was told as later than it was");
    stage.check(events.lateness[i] >= late.least, "something was told as less late than it was");
    if (events.lateness[i] == Duration{}) continue;
    const Case told{.id = id, .needed_since = at - events.lateness[i], .until = at};
    stage.check(may_be(stage, told, events.causes[i]),
                "something was late for another reason than was told");
  }
}

// What is late now, and what was until nobody needed it any more.
void LateWatch::check_counts(Stage& stage, const FrameEvents& events) {
  const Stats stats = stage.streamer->stats();
  std::uint64_t least = 0, most = 0;
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    if (stage.resident[i]) continue;
    least += all_[i].surely_since < stage.now ? 1 : 0;
    most += all_[i].maybe_since != Time::never() ? 1 : 0;
  }
  stage.check(least <= stats.late_now, "something is late and is not counted");
  stage.check(stats.late_now <= most, "more is counted as late than is");
  const std::uint64_t counted =
      stats.late_arrivals - std::exchange(late_before_, stats.late_arrivals);
  const auto told = static_cast<std::uint64_t>(std::count_if(
      events.lateness.begin(), events.lateness.end(), [](Duration d) { return d > Duration{}; }));
  stage.check(counted >= closed_.least + told, "something that never came was not counted as late");
  stage.check(counted <= closed_.most + told, "something was counted as late that was not");
}

// Whether something may have found no memory: the longest piece before, but for what was taken of
// it since, was too short for the largest.
bool LateWatch::may_be_short(const Stage& stage) const {
  std::uint64_t taken = stage.plan.raw_largest + SimMounts::kGranule;
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    const Residency state = stage.streamer->state({i});
    const bool waits = is_wanted(state) && !stage.resident[i] && !is_under_way(state);
    const bool begins = is_under_way(state) && all_[i].course.load_at == Time::never();
    if (waits || begins) taken += stage.mounts.room_in_memory({i});
  }
  return stage.stepped || free_before_.value < taken;
}

void LateWatch::note_reads(const Stage& stage) {
  for (const CheckingDevice::Came& came : stage.traffic.came) {
    const ContainerId id = stage.container_of(came.read);
    Course& course = all_[id.value].course;
    if (came.canceled || course.load_at == Time::never()) continue;
    course.came_at = stage.now;
    course.next_at = Time::never();
    reading_.add(stage.now - course.load_at, stage.mounts.stored_size(id));
  }
}

void LateWatch::follow(const Stage& stage, const FrameEvents& events) {
  const bool memory_short = may_be_short(stage);
  for (const ContainerId id : events.failed) all_[id.value].course.failed = true;
  for (ContainerId id{0}; id.value < all_.size(); ++id.value) {
    Course& course = all_[id.value].course;
    if (course.came_at < stage.now && course.next_at == Time::never()) {
      course.next_at = stage.now;
      const std::uint64_t size = stage.mounts.size_in_memory(id);
      if (size > 0 && stage.plan.streamer.decode_workers > 0) {
        decoding_.add(stage.now - course.came_at, size);
      }
    }
    if (!all_[id.value].there) follow(stage, id);
    course.memory_short |= memory_short;
    course.blurred |= stage.stepped;
  }
  // What leaves and is wanted nevertheless gave up its memory, of which there may be enough: what
  // intents want may only take a share of it.
  for (const ContainerId id : events.leaving) all_[id.value].course.memory_short = true;
}

void LateWatch::follow(const Stage& stage, ContainerId id) {
  Known& known = all_[id.value];
  Course& course = known.course;
  const Residency state = stage.streamer->state(id);
  const Time earliest = stage.stepped ? stage.told : stage.now;
  if (!is_wanted(state)) {
    course = {};
    return;
  }
  if (course.wanted_from == Time::never()) {
    course = {.wanted_from = earliest};
    if (known.dropped) course.dropped_from = known.maybe_since;
  }
  course.failed |= state == Residency::failed;
  const bool surely =
      (known.surely_since != Time::never() && !stage.dropped) || is_under_way(state);
  if (!stage.resident[id.value]) {
    course.wanted_by = surely ? std::min(course.wanted_by, stage.now) : Time::never();
  }
  if (is_under_way(state) && course.load_at == Time::never()) course.load_at = earliest;
  if (state == Residency::queued && course.load_at != Time::never()) {
    course.gave_up = true;
    course.load_at = course.came_at = Time::never();
  }
  if (state == Residency::failed) course.load_at = course.came_at = Time::never();
}

Duration LateWatch::bare_read_most(const Stage& stage, ContainerId id) const {
  return reading_.of(stage.mounts.stored_size(id));
}

Duration LateWatch::bare_decode_most(const Stage& stage, ContainerId id) const {
  return decoding_.of(stage.mounts.size_in_memory(id));
}

// By how much each phase took longer than it does by itself. `others_at`: when the last of what it
// depends on was there.
LateWatch::Spans LateWatch::excesses(const Stage& stage, const Course& course, const Case& late,
                                     Time others_at) const {
  Spans all{};
  const auto of = [&](LateCause cause) -> Span& { return all[static_cast<std::size_t>(cause)]; };
  const Time from = std::min(course.wanted_from, late.needed_since);
  const bool was_dropped = all_[late.id.value].dropped;
  Time held_by = late.asks_others ? course.wanted_by : late.held_by;
  if (late.asks_others && !was_dropped) held_by = std::min(held_by, late.needed_since);
  const Time by = std::min(held_by, late.needed_since);
  const bool reads = course.came_at != Time::never();
  const bool has_workers = stage.plan.streamer.decode_workers > 0;
  const auto within = [&](Time time) { return std::clamp(time, from, late.until); };
  const Duration bare_read = reads ? bare_read_most(stage, late.id) : Duration{};
  const Duration bare_decode = reads && has_workers ? bare_decode_most(stage, late.id) : Duration{};
  const Time read = reads ? within(course.came_at) : from;
  const Time held = within(held_by);
  Time ready_by = reads ? std::max(read, held) : held;
  if (reads && has_workers) ready_by = std::max(within(course.next_at), held);
  // What it depends on may have failed instead, and its own bytes may have come unseen meanwhile.
  const bool comes_unseen = course.failed && !reads;
  if (comes_unseen) ready_by = late.until;
  const Time others = within(others_at);
  const Duration missing = positive(bare_read + bare_decode - (late.needed_since - by));
  const Duration whole = late.until - from;
  const bool loops = course.failed || course.gave_up;
  const bool is_short = course.memory_short || course.gave_up;
  const Time needed_from = std::min(late.needed_since, course.dropped_from);
  const Time short_until = loops ? late.until : reads ? within(course.load_at) : from;

  if (course.failed) of(LateCause::failed).most = whole;
  if (is_short) of(LateCause::memory).most = short_until - std::min(from, needed_from);
  if (has_workers && reads) of(LateCause::decode).most = within(course.next_at) - read;
  if (has_workers && comes_unseen) of(LateCause::decode).most = whole;
  of(LateCause::disk).most = loops ? whole : read - from;
  of(LateCause::budget) = {.least = late.until - std::max(ready_by, others),
                           .most = late.until - std::max(read, others)};
  of(LateCause::dependency) = {.least = positive(others - ready_by),
                               .most = positive(others - read)};
  // It may not have been held before, for want of memory or of a place; or a limit dropped it,
  // which counts as that from when it was needed first.
  if (!late.asks_others || was_dropped || course.dropped_from != Time::never()) {
    Span& memory = of(LateCause::memory);
    Span& disk = of(LateCause::disk);
    const Time wanted = std::max(held_by, course.wanted_from);
    memory.most = std::max(memory.most, span_within(needed_from, wanted, late.until));
    if (!loops) {
      disk.most = disk.most - span_within(late.needed_since, course.wanted_from, late.until);
    }
  }
  if (missing > Duration{} || loops) {
    of(LateCause::foretold_too_late).most =
        std::min(missing, late.until - late.needed_since) + of(LateCause::disk).most;
    return all;
  }
  if (!reads) return all;
  const Time load = within(course.load_at);
  const Duration waited_least = is_short ? Duration{} : positive(load - held);
  of(LateCause::disk).least = waited_least + positive(read - std::max(load, held) - bare_read);
  return all;
}

bool LateWatch::may_be(const Stage& stage, const Case& late, LateCause cause) const {
  const Course& course = all_[late.id.value].course;
  if (course.blurred) return true;
  Time others_at{INT64_MIN};
  Time held_by{INT64_MIN};
  bool has_others = false;
  if (late.asks_others) {
    stage.mounts.for_each_dependency(late.id, [&](ContainerId on) {
      const Course& other = all_[on.value].course;
      has_others = true;
      others_at = std::max(others_at, other.arrived_at);
      held_by = std::max(held_by, std::min(other.wanted_by, other.arrived_at));
    });
  }
  const Spans all = excesses(stage, course, late, others_at);
  Duration least;
  for (const Span& span : all) least = std::max(least, span.least);
  const auto may_be_most = [&](LateCause which) {
    const Duration most = all[static_cast<std::size_t>(which)].most;
    return most > Duration{} && most >= least;
  };
  if (may_be_most(cause)) {
    if (cause != LateCause::budget || has_others || !late.asks_others) return true;
    // Others were handed out in its stead.
    const bool reads = course.came_at != Time::never();
    return arrival_at_ >= (reads ? course.came_at : course.wanted_from);
  }
  const bool no_excess = least == Duration{};
  if (no_excess && cause == LateCause::foretold_too_late) return true;
  if (!late.asks_others || !may_be_most(LateCause::dependency)) return false;
  bool inherits = false;
  stage.mounts.for_each_dependency(late.id, [&](ContainerId on) {
    if (all_[on.value].course.arrived_at != others_at) return;
    const Case other{.id = on,
                     .needed_since = late.needed_since,
                     .until = std::max(std::min(others_at, late.until), late.needed_since),
                     .held_by = held_by,
                     .asks_others = false};
    inherits |= may_be(stage, other, cause);
  });
  return inherits;
}

}  // namespace nf::sim
