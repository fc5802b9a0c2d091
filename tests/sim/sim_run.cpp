#include "tests/sim/sim_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/prng.h"
#include "core/codec/codec.h"
#include "core/io/sim_device.h"
#include "core/world/world.h"
#include "tests/sim/checking_device.h"
#include "tests/sim/sim_world.h"

namespace nf::sim {
namespace {

constexpr std::uint64_t kWorlds = 48;
constexpr std::uint32_t kStepsWithFaults = 150;
constexpr std::uint32_t kStepsToSettleMax = 4000;
constexpr std::uint32_t kObserversMax = 5;

const SimWorld& world_of(std::uint64_t seed) {
  static const std::vector<SimWorld>* worlds = [] {
    auto* made = new std::vector<SimWorld>;
    for (std::uint64_t i = 0; i < kWorlds; ++i) made->push_back(make_sim_world(i));
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
  void step();
  void act();
  void add_walker();
  void move_walkers(Duration passed);
  void take_events(const FrameEvents& events);
  void take_arrival(ContainerId id);
  void check_frame();
  void check_lateness();
  void settle();
  bool needed_is_resident(bool& fits);
  void mark_with_dependencies(std::uint32_t id, std::vector<bool>& set) const;
  void note(std::uint64_t event) {
    result_.event_hash =
        (result_.event_hash ^ event) * 0x9E3779B97F4A7C15ull + (result_.event_hash >> 29);
  }

  Prng prng_;
  const SimWorld& world_;
  DeviceFaults faults_;
  CheckingDevice device_;
  std::optional<Streamer> streamer_;
  World places_;  // the same world again, to say what should be resident
  std::uint64_t budget_ = 0;
  std::uint64_t memory_ = 0;
  std::uint32_t active_max_ = 0;
  bool watches_lateness_ = false;
  std::vector<bool> was_missing_;  // needed and not there after the last frame
  Time now_{1'000'000'000};
  double time_scale_ = 1;
  std::vector<Walker> walkers_;
  std::map<std::uint32_t, Pin> pins_;
  std::vector<bool> resident_;
  SimResult result_;
};

bool Session::open() {
  const std::array<double, 4> scales = {0.001, 0.016, 0.1, 1.0};
  time_scale_ = scales[prng_.below(4)];
  active_max_ = prng_.chance(0.5) ? 256 : 4 + static_cast<std::uint32_t>(prng_.below(60));
  watches_lateness_ = prng_.chance(0.25);
  const double share = prng_.between(0.5, 3.0);
  budget_ = std::max<std::uint64_t>(
      {64 << 10, static_cast<std::uint64_t>(share * static_cast<double>(world_.raw_total)),
       world_.raw_largest * 2 + (64 << 10)});
  const std::uint64_t staging = std::min<std::uint64_t>(budget_ / 4, 16384u << prng_.below(3));
  memory_ = budget_ - staging;
  auto made = Streamer::create(
      {.memory_budget = {budget_},
       .staging = {staging},
       .device = &device_,
       .decode_workers = 0,
       .read_size_max = device_.limits().read_size_max,
       .read_per_second_max = {prng_.chance(0.2) ? 1u << 20 : ~0ull},
       .lookahead = Duration::from_seconds(prng_.between(0.5, 10)),
       .read_timeout = Duration::from_seconds(prng_.between(0.5, 10) + 30 * time_scale_),
       .retry_after = Duration::from_seconds(prng_.between(0.1, 1)),
       .observers_max = kObserversMax,
       .loads_max = 1 + static_cast<std::uint32_t>(prng_.below(32)),
       .active_max = active_max_,
       .arrival_cost_max = 1 + static_cast<std::uint32_t>(prng_.below(4000))});
  if (!check(made.has_value(), "the streamer cannot be made")) return false;
  streamer_ = std::move(*made);
  const FileHandle file = device_.add_memory_file(world_.file);
  if (!check(streamer_->mount({.tables = &world_.tables, .file = file}).has_value(),
             "mount failed"))
    return false;
  check(places_.mount(world_.tables, FileId{0}).has_value(), "mount failed");
  resident_.assign(world_.raw.size(), false);
  was_missing_ = resident_;
  add_walker();
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
  if (walkers_.size() < kObserversMax && prng_.chance(0.03)) add_walker();
  if (walkers_.size() > 1 && prng_.chance(0.02)) {
    streamer_->remove_observer(walkers_.back().id);
    walkers_.pop_back();
  }
  const auto any = static_cast<std::uint32_t>(prng_.below(world_.raw.size()));
  if (prng_.chance(0.03)) pins_.insert_or_assign(any, streamer_->pin({any}));
  if (prng_.chance(0.05) && !pins_.empty()) pins_.erase(pins_.begin());
  if (prng_.chance(0.05)) (void)streamer_->pin({any}).asset_count();  // looked at, not waited for
}

void Session::take_arrival(ContainerId id) {
  check(!resident_[id.value], "a container arrived twice");
  resident_[id.value] = true;
  const Pin pin = streamer_->pin(id);
  check(pin.resident(), "a container arrived and is not resident");
  const std::vector<std::byte>& expected = world_.raw[id.value];
  for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
    const std::span<const std::byte> bytes = pin.asset(i).bytes;
    check(
        bytes.size() == expected.size() && std::equal(bytes.begin(), bytes.end(), expected.begin()),
        "wrong bytes were delivered");
  }
  const auto& first = world_.tables.containers.first_dependency;
  if (world_.tables.containers.flags[id.value] == ContainerFlags::shared) return;
  for (std::uint32_t i = first[id.value]; i < first[id.value + 1]; ++i) {
    check(resident_[world_.tables.dependencies[i]],
          "a container arrived before what it depends on");
  }
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
  check(device_.violations() == 0, "a buffer was reused while the kernel owned it");
  check(device_.window_kept(), "more reads were accepted than the limit allows");
  result_.retries = stats.retries;
  const DeviceFaults& f = faults_;
  const bool honest = f.flip == 0 && f.misdirect == 0;
  if (honest && f.read_error == 0)
    check(stats.retries == 0, "a read was repeated although the disk is honest");
  if (honest && f.read_error == 0 && f.hang == 0 && f.slow == 0) {
    check(result_.failures == 0, "a container failed under transient faults only");
  }
}

// What an observer is inside of, by plain geometry, and what is not there for the second frame in a
// row, must be known to be late, unless a limit dropped it.
void Session::check_lateness() {
  bool missing_long = false;
  std::vector<bool> missing(world_.raw.size(), false);
  for (std::uint32_t id = 0; id < missing.size(); ++id) {
    const Place& place = places_.place({id});
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

void Session::step() {
  const Duration passed = Duration::from_seconds(prng_.unit() * time_scale_);
  now_ = now_ + passed;
  act();
  move_walkers(passed);
  take_events(streamer_->update(now_));
  check_frame();
  if (watches_lateness_) check_lateness();
  ++result_.steps;
}

// Whether everything inside a bubble, and what it depends on, is resident; `fits` says whether it
// can be.
bool Session::needed_is_resident(bool& fits) {
  std::vector<bool> needed(world_.raw.size(), false), kept = needed;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    bool inside = pins_.contains(id), near = inside;
    for (const Walker& walker : walkers_) {
      const Place& place = places_.place({id});
      if (place.kind == BoundsKind::none) continue;
      const double reach = static_cast<double>(place.load_distance) * walker.scale;
      const double distance = distance_to(place, walker.at);
      inside = inside || distance < reach * 0.999;
      near = near || distance < reach * 1.2;  // what hysteresis keeps takes a place, too
    }
    if (inside) mark_with_dependencies(id, needed);
    if (near) mark_with_dependencies(id, kept);
  }
  std::uint64_t total = 0;
  bool all = true;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    if (!needed[id]) continue;
    total += world_.raw[id].size() + 256;
    all = all && resident_[id];
  }
  // What cannot move leaves gaps: half of the memory is always enough to place it. The other half
  // of the places is for what is forecast.
  const auto places = static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), true));
  fits = total + world_.raw_largest <= memory_ / 2 && places * 2 <= active_max_;
  return all;
}

void Session::mark_with_dependencies(std::uint32_t id, std::vector<bool>& set) const {
  set[id] = true;
  for (const std::uint32_t dependency : places_.dependencies({id})) set[dependency] = true;
}

void Session::settle() {
  device_.set_faults({});
  pins_.clear();
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
    check(device_.violations() == 0, "a buffer was reused while the kernel owned it");
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
  pins_.clear();
  streamer_.reset();
  check(device_.outstanding() == 0, "the streamer went before its buffers came back");
  return result_;
}

}  // namespace

SimResult run_seed(std::uint64_t seed) {
  return Session(seed).run();
}

}  // namespace nf::sim
