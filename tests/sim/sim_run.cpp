#include "tests/sim/sim_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/io/sim_device.h"
#include "tests/sim/checking_device.h"
#include "tests/sim/pin_watch.h"
#include "tests/sim/sim_mounts.h"
#include "tests/sim/sim_world.h"

namespace nf::sim {
namespace {

constexpr std::uint64_t kWorlds = 48;
constexpr std::uint32_t kStepsWithFaults = 150;
constexpr std::uint32_t kStepsToSettleMax = 4000;
constexpr std::uint32_t kObserversMax = 5;
constexpr std::uint32_t kLoadsMax = 32;
constexpr std::uint32_t kActiveEnough = 256;  // for two worlds of any size
// Behind what every update was told: the streamer's time stands still while it waits, whatever the
// machine's does, and a session remains a function of its seed.
constexpr Time kLongAgo{};
constexpr Time kStart{3600ll * 1'000'000'000};
constexpr Duration kWaitMax = {60ll * 1'000'000'000};

// By extent, so that the next one is a world of about the same size.
const SimWorld& world_of(std::uint64_t seed) {
  static const std::vector<SimWorld>* worlds = [] {
    auto* made = new std::vector<SimWorld>;
    for (std::uint64_t i = 0; i < kWorlds; ++i) made->push_back(make_sim_world(i));
    std::sort(made->begin(), made->end(),
              [](const SimWorld& a, const SimWorld& b) { return a.extent < b.extent; });
    return made;
  }();
  return (*worlds)[seed % kWorlds];
}

// Each fault is off in half of the seeds, so that every mix occurs.
DeviceFaults draw_faults(Prng& prng) {
  const auto draw = [&](double most) { return prng.chance(0.5) ? 0.0 : most * prng.unit(); };
  return {.read_error = draw(0.3),
          .short_read = draw(0.2),
          .transient = draw(0.1),
          .slow = draw(0.1),
          .hang = draw(0.05),
          .flip = draw(0.05),
          .misdirect = draw(0.05),
          .duplicate = draw(0.1),
          .stale = draw(0.1),
          .refuse = draw(0.2)};
}

DeviceModel draw_model(Prng& prng) {
  DeviceModel model{.name = "random"};
  model.bytes_per_second = std::pow(10.0, prng.between(6, 9.5));
  model.latency_p50 = {static_cast<std::int64_t>(std::pow(10.0, prng.between(4, 7)))};
  model.latency_p99 = {model.latency_p50.ns * static_cast<std::int64_t>(1 + prng.below(20))};
  model.parallel = 1 + static_cast<std::uint32_t>(prng.below(16));
  return model;
}

// Now, soon, later, and later than pins can say.
Duration draw_needed_in(Prng& prng) {
  const std::array<double, 5> seconds = {-1, 0, prng.between(0, 2), prng.between(0, 60),
                                         prng.between(80'000, 200'000)};
  return Duration::from_seconds(seconds[prng.below(seconds.size())]);
}

struct Walker {
  ObserverId id;
  WorldPosition at;
  WorldVector velocity;
  WorldPosition told;  // where the streamer believes it to be
  float scale = 1;
};

class Session {
 public:
  explicit Session(std::uint64_t seed)
      : prng_(seed),
        world_(world_of(seed)),
        second_(prng_.chance(0.25) ? &world_of(seed + 1) : nullptr),
        faults_(draw_faults(prng_)),
        device_({.model = draw_model(prng_),
                 .faults = faults_,
                 .seed = seed ^ 0x5EED,
                 .reads_max = 4 + static_cast<std::uint32_t>(prng_.below(60)),
                 .in_flight_max = {4096u << prng_.below(6)},
                 .read_size_max = {4096u << prng_.below(3)}}) {}

  SimResult run();

 private:
  bool check(bool promise, const char* why) {
    if (!promise && result_.good) {
      result_.good = false;
      result_.why = why;
    }
    return promise;
  }
  bool open();
  bool mount(const SimWorld& world);
  void step();
  Duration pass_time();
  void act();
  void act_on_pins();
  void wait_a_little(ContainerId id);
  void wait_until_there(ContainerId id);
  void check_waited(ContainerId id, const Result<void>& waited);
  void add_walker();
  void move_walkers(Duration passed);
  void take_events(const FrameEvents& events);
  void take_arrival(ContainerId id);
  void check_frame();
  void check_step();
  void check_lateness();
  void settle();
  bool needed_is_resident(bool& fits);
  void mark_with_dependencies(ContainerId id, std::vector<bool>& set) const;
  void note(std::uint64_t event) {
    result_.event_hash =
        (result_.event_hash ^ event) * 0x9E3779B97F4A7C15ull + (result_.event_hash >> 29);
  }

  Prng prng_;
  const SimWorld& world_;
  const SimWorld* second_;  // mounted later, if there is one
  DeviceFaults faults_;
  CheckingDevice device_;
  std::optional<Streamer> streamer_;
  SimMounts mounts_;  // the same worlds again, to say what should be resident
  std::uint64_t mount_second_at_ = 0;
  std::uint64_t raw_largest_ = 0;
  std::uint64_t budget_ = 0;
  std::uint64_t memory_ = 0;
  std::uint32_t active_max_ = 0;
  bool watches_lateness_ = false;
  bool only_pins_ = false;  // and no observers, so that what is needed when is known exactly
  bool rate_limited_ = false;
  bool goes_by_events_ = false;    // sleeps until the disk has something, as tools do
  std::vector<bool> was_missing_;  // needed and not there after the last frame
  Time now_ = kStart;
  Time told_ = kStart;  // where the streamer's time stands
  double time_scale_ = 1;
  std::vector<Walker> walkers_;
  PinWatch pins_;
  std::vector<bool> resident_;
  SimResult result_;
};

bool Session::open() {
  const std::array<double, 4> scales = {0.001, 0.016, 0.1, 1.0};
  time_scale_ = scales[prng_.below(4)];
  only_pins_ = prng_.chance(0.1);
  goes_by_events_ = prng_.chance(0.15);
  rate_limited_ = prng_.chance(0.2);
  active_max_ = only_pins_ || prng_.chance(0.5) ? kActiveEnough
                                                : 4 + static_cast<std::uint32_t>(prng_.below(60));
  watches_lateness_ = prng_.chance(0.25);
  mount_second_at_ = prng_.below(kStepsWithFaults);
  raw_largest_ = std::max(world_.raw_largest, second_ ? second_->raw_largest : 0);
  const std::uint64_t raw_total = world_.raw_total + (second_ ? second_->raw_total : 0);
  // Twice what all of it and all that is abandoned can take, or what does not hold everything.
  const double share = prng_.between(0.5, 3.0);
  budget_ = only_pins_
                ? 4 * (raw_total + (kLoadsMax + 1) * raw_largest_ + (64 << 10))
                : std::max<std::uint64_t>(
                      {64 << 10, static_cast<std::uint64_t>(share * static_cast<double>(raw_total)),
                       raw_largest_ * 2 + (64 << 10)});
  const std::uint64_t staging = std::min<std::uint64_t>(budget_ / 4, 16384u << prng_.below(3));
  memory_ = budget_ - staging;
  auto made = Streamer::create(
      {.memory_budget = {budget_},
       .staging = {staging},
       .device = &device_,
       .decode_workers = 0,
       .read_size_max = device_.limits().read_size_max,
       .read_per_second_max = {rate_limited_ ? 1u << 20 : ~0ull},
       .lookahead = Duration::from_seconds(prng_.between(0.5, 10)),
       .read_timeout = Duration::from_seconds(prng_.between(0.5, 10) + 30 * time_scale_),
       .retry_after = Duration::from_seconds(prng_.between(0.1, 1)),
       .observers_max = kObserversMax,
       .loads_max = 1 + static_cast<std::uint32_t>(prng_.below(kLoadsMax)),
       .active_max = active_max_,
       .arrival_cost_max = 1 + static_cast<std::uint32_t>(prng_.below(4000))});
  if (!check(made.has_value(), "the streamer cannot be made")) return false;
  streamer_ = std::move(*made);
  if (!mount(world_)) return false;
  if (!only_pins_) add_walker();
  return true;
}

bool Session::mount(const SimWorld& world) {
  const FileHandle file = device_.add_memory_file(world.file);
  const auto range = streamer_->mount({.tables = &world.tables, .file = file});
  if (!check(range.has_value(), "mount failed")) return false;
  check(range->first.value == mounts_.count(), "an archive's ids are not the next ones");
  mounts_.add(world);
  ++result_.mounts;
  check(range->last.value == mounts_.count(), "an archive has more or fewer ids than containers");
  resident_.resize(mounts_.count());
  was_missing_.resize(mounts_.count());
  return true;
}

void Session::add_walker() {
  Walker walker;
  walker.at = {prng_.between(-1, 1) * world_.extent, prng_.between(-1, 1) * world_.extent, 0};
  walker.told = walker.at;
  walker.scale = prng_.chance(0.8) ? 1.0f : static_cast<float>(prng_.between(0.5, 2));
  const auto id =
      streamer_->add_observer({.motion = {walker.at, {}}, .bubble_scale = walker.scale}, now_);
  if (check(id.has_value(), "an observer was refused")) {
    walker.id = *id;
    walkers_.push_back(walker);
  }
}

void Session::move_walkers(Duration passed) {
  for (Walker& walker : walkers_) {
    if (prng_.chance(0.05)) {
      const double speed = world_.extent * prng_.between(0, 0.5);
      walker.velocity = {prng_.between(-1, 1) * speed, prng_.between(-1, 1) * speed, 0};
    }
    const double seconds = passed.seconds();
    walker.at =
        walker.at + WorldVector{walker.velocity.x * seconds, walker.velocity.y * seconds, 0};
    const double away = std::hypot(walker.at.x, walker.at.y);
    if (prng_.chance(0.01) || away > 3 * world_.extent) {  // teleport
      walker.at = {prng_.between(-1, 1) * world_.extent, prng_.between(-1, 1) * world_.extent, 0};
    }
    if (prng_.chance(0.1)) continue;
    streamer_->move_observer(walker.id, {walker.at, walker.velocity}, now_);
    walker.told = walker.at;
  }
}

void Session::act() {
  if (!only_pins_ && walkers_.size() < kObserversMax && prng_.chance(0.03)) add_walker();
  if (walkers_.size() > 1 && prng_.chance(0.02)) {
    streamer_->remove_observer(walkers_.back().id);
    walkers_.pop_back();
  }
  act_on_pins();
}

void Session::act_on_pins() {
  const auto any = [this] {
    return ContainerId{static_cast<std::uint32_t>(prng_.below(mounts_.count()))};
  };
  const std::uint64_t pins = prng_.chance(only_pins_ ? 0.2 : 0.03) ? 1 + prng_.below(4) : 0;
  for (std::uint64_t i = 0; i < pins; ++i) {
    pins_.pin(*streamer_, any(), draw_needed_in(prng_), told_);
  }
  if (only_pins_ && !pins_.empty() && prng_.chance(0.2)) {  // what is pinned, sooner
    pins_.pin(*streamer_, pins_.any(prng_), Duration{}, told_);
  }
  if (prng_.chance(only_pins_ ? 0.3 : 0.05)) pins_.drop_any(prng_);
  if (prng_.chance(0.05)) {  // looked at, not waited for
    const Pin pin = streamer_->pin(any());
    if (pin.id().valid()) pins_.touch(pin.id(), told_);
  }
  if (result_.steps > 0 && prng_.chance(0.02)) wait_a_little(any());
}

// Some steps of the pipeline without an update; their events come with the next one.
void Session::wait_a_little(ContainerId id) {
  if (!pins_.pin(*streamer_, id, draw_needed_in(prng_), told_)) return;
  for (std::uint64_t steps = prng_.below(20); steps > 0; --steps) {
    const Result<void> waited = streamer_->wait(pins_.first_of(id), kLongAgo, Duration{});
    check_step();
    check_waited(id, waited);
    if (waited || waited.error().code != ErrorCode::timed_out) return;
    device_.wait(Duration::from_seconds(1));
  }
}

// Where memory is never short and the disk is honest again, it comes, and the wait ends by itself.
void Session::wait_until_there(ContainerId id) {
  if (!check(pins_.pin(*streamer_, id, draw_needed_in(prng_), told_), "a pin was refused")) return;
  const Result<void> waited = streamer_->wait(pins_.first_of(id), kLongAgo, kWaitMax);
  check_step();
  check_waited(id, waited);
  check(waited || waited.error().code != ErrorCode::timed_out || streamer_->failure(id),
        "what was waited for never came");
}

void Session::check_waited(ContainerId id, const Result<void>& waited) {
  const bool there = pins_.first_of(id).resident();
  result_.waits_ended += there ? 1 : 0;
  check(there == waited.has_value(), "what was waited for came and was not said to, or not at all");
  const Error why = streamer_->failure(id);
  check(!why || (!waited && waited.error().code == why.code), "a wait ended for another reason");
}

void Session::take_arrival(ContainerId id) {
  check(!resident_[id.value], "a container arrived twice");
  resident_[id.value] = true;
  const Pin pin = streamer_->pin(id);
  check(pin.resident(), "a container arrived and is not resident");
  const std::span<const std::byte> expected = mounts_.raw(id);
  for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
    const std::span<const std::byte> bytes = pin.asset(i).bytes;
    check(
        bytes.size() == expected.size() && std::equal(bytes.begin(), bytes.end(), expected.begin()),
        "wrong bytes were delivered");
  }
  if (mounts_.shared(id)) return;
  mounts_.for_each_dependency(id, [&](ContainerId on) {
    check(resident_[on.value], "a container arrived before what it depends on");
  });
}

void Session::take_events(const FrameEvents& events) {
  check(events.lateness.size() == events.arrived.size(), "lateness is not parallel to arrivals");
  // What leaves does so before anything arrives: memory is taken from one for the other.
  for (const ContainerId id : events.leaving) {
    note(id.value * 3 + 1);
    check(resident_[id.value], "a container left that was not there");
    resident_[id.value] = false;
  }
  for (const ContainerId id : events.arrived) {
    note(id.value * 3 + 2);
    take_arrival(id);
  }
  for (const ContainerId id : events.failed) note(id.value * 3 + 3);
  result_.arrivals += events.arrived.size();
  result_.failures += events.failed.size();
}

void Session::check_frame() {
  const Stats stats = streamer_->stats();
  check(stats.memory.value <= budget_ && stats.memory_peak.value <= budget_,
        "the memory budget was exceeded");
  result_.retries = stats.retries;
  for (std::uint32_t id = 0; id < resident_.size(); ++id) {
    check((streamer_->state({id}) == Residency::resident) == resident_[id],
          "a container came or went without an event");
  }
  const DeviceFaults& f = faults_;
  const bool honest = f.flip == 0 && f.misdirect == 0;
  if (honest && f.read_error == 0)
    check(stats.retries == 0, "a read was repeated although the disk is honest");
  if (honest && f.read_error == 0 && f.hang == 0 && f.slow == 0) {
    check(result_.failures == 0, "a container failed under transient faults only");
  }
}

// After each step of the pipeline, of an update or of a wait.
void Session::check_step() {
  const DeviceFaults& f = faults_;
  const bool no_errors = f.flip == 0 && f.misdirect == 0 && f.read_error == 0;
  const char* broken = pins_.check(*streamer_, device_, mounts_, resident_,
                                   {.only_pins = only_pins_,
                                    .no_errors = no_errors,
                                    .no_overflow = active_max_ >= kActiveEnough});
  check(broken == nullptr, broken);
  check(device_.broken() == nullptr, device_.broken());
}

// What an observer is inside of, by plain geometry, and what is not there for the second frame in a
// row, must be known to be late, unless a limit dropped it.
void Session::check_lateness() {
  bool missing_long = false;
  std::vector<bool> missing(mounts_.count(), false);
  for (std::uint32_t id = 0; id < missing.size(); ++id) {
    const Place place = mounts_.place({id});
    if (place.kind == BoundsKind::none || resident_[id]) continue;
    for (const Walker& walker : walkers_) {
      const double reach = static_cast<double>(place.load_distance) * walker.scale;
      missing[id] = missing[id] || distance_to(place, walker.told) < reach * 0.999;
    }
    missing_long = missing_long || (missing[id] && was_missing_[id]);
  }
  was_missing_ = missing;
  const Stats stats = streamer_->stats();
  check(!missing_long || stats.late_now > 0 || stats.overflows > 0,
        "something is late and the streamer does not know");
}

Duration Session::pass_time() {
  const Duration passed = Duration::from_seconds(prng_.unit() * time_scale_);
  if (!goes_by_events_) return passed;
  streamer_->wait_for_progress(passed);
  return device_.catch_up();
}

void Session::step() {
  const Duration passed = pass_time();
  now_ = now_ + passed;
  if (second_ != nullptr && result_.steps == mount_second_at_) mount(*second_);
  if (result_.steps == 0) told_ = now_;  // what is pinned before the first update counts from it
  act();
  move_walkers(passed);
  take_events(streamer_->update(now_));
  told_ = now_;
  check_frame();
  check_step();
  if (watches_lateness_ && passed > Duration{}) check_lateness();
  ++result_.steps;
}

// Whether everything inside a bubble, and what it depends on, is resident; `fits` says whether it
// can be.
bool Session::needed_is_resident(bool& fits) {
  std::vector<bool> needed(mounts_.count(), false), kept = needed;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    bool inside = pins_.contains({id}), near = inside;
    for (const Walker& walker : walkers_) {
      const Place place = mounts_.place({id});
      if (place.kind == BoundsKind::none) continue;
      const double reach = static_cast<double>(place.load_distance) * walker.scale;
      const double distance = distance_to(place, walker.at);
      inside = inside || distance < reach * 0.999;
      near = near || distance < reach * 1.2;  // what hysteresis keeps takes a place, too
    }
    if (inside) mark_with_dependencies({id}, needed);
    if (near) mark_with_dependencies({id}, kept);
  }
  std::uint64_t total = 0;
  bool all = true;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    if (!needed[id]) continue;
    total += mounts_.raw({id}).size() + 256;
    all = all && resident_[id];
  }
  // What cannot move leaves gaps: half of the memory is always enough to place it. The other half
  // of the places is for what is forecast.
  const auto places = static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), true));
  fits = total + raw_largest_ <= memory_ / 2 && places * 2 <= active_max_;
  return all;
}

void Session::mark_with_dependencies(ContainerId id, std::vector<bool>& set) const {
  set[id.value] = true;
  mounts_.for_each_dependency(id, [&](ContainerId on) { set[on.value] = true; });
}

void Session::settle() {
  device_.set_faults({});
  if (!only_pins_) pins_.clear();
  while (walkers_.size() > 1) {
    streamer_->remove_observer(walkers_.back().id);
    walkers_.pop_back();
  }
  bool fits = false;
  for (std::uint32_t i = 0; i < kStepsToSettleMax; ++i) {
    now_ = now_ + Duration::from_seconds(0.05 + prng_.unit() * 0.1);
    for (const Walker& walker : walkers_)
      streamer_->move_observer(walker.id, {walker.at, {}}, now_);
    take_events(streamer_->update(now_));
    told_ = now_;
    check_step();
    ++result_.steps;
    const bool all = needed_is_resident(fits);
    result_.settled = all;
    if (all || !fits) return;
  }
  check(false, "what is needed never came although the faults stopped");
}

SimResult Session::run() {
  if (!open()) return result_;
  const bool leave_early = prng_.chance(0.2);  // destroyed in the middle of everything
  const std::uint64_t steps = leave_early ? prng_.below(kStepsWithFaults) : kStepsWithFaults;
  for (std::uint64_t i = 0; i < steps && result_.good; ++i) step();
  if (!leave_early && result_.good) settle();
  if (!leave_early && only_pins_ && !rate_limited_ && result_.good) {
    wait_until_there({static_cast<std::uint32_t>(prng_.below(mounts_.count()))});
  }
  pins_.clear();
  streamer_.reset();
  check(device_.outstanding().empty(), "the streamer went before its buffers came back");
  return result_;
}

}  // namespace

SimResult run_seed(std::uint64_t seed) {
  return Session(seed).run();
}

}  // namespace nf::sim
