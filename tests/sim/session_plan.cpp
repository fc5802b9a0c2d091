#include "tests/sim/session_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/base/checked.h"

namespace nf::sim {
namespace {

constexpr std::uint64_t kWorlds = 48;
constexpr std::uint64_t kWorldsOfCrowds = 12;
constexpr std::uint32_t kObserversMax = 5;
constexpr std::uint32_t kLoadsMax = 32;
constexpr std::uint64_t kBudgetMin = 64 << 10;

using Worlds = std::vector<SimWorld>;

// By extent, so that the next one is a world of about the same size.
const Worlds* make_worlds(Draft (*draft)(Prng& prng, double extent), std::uint64_t seed,
                          std::uint64_t count) {
  auto* worlds = new Worlds;
  for (std::uint64_t i = 0; i < count; ++i) {
    Prng prng(seed + i * 77);
    const double extent = std::pow(10.0, prng.between(1, 7));
    worlds->push_back(make_sim_world(draft(prng, extent), prng));
  }
  std::sort(worlds->begin(), worlds->end(),
            [](const SimWorld& a, const SimWorld& b) { return a.extent < b.extent; });
  return worlds;
}

// Made once, by the first that asks.
const SimWorld& town_of(std::uint64_t seed) {
  static const Worlds* worlds = make_worlds(draft_town, 5, kWorlds);
  return (*worlds)[seed % kWorlds];
}
const SimWorld& system_of(std::uint64_t seed) {
  static const Worlds* worlds = make_worlds(draft_system, 6, kWorlds);
  return (*worlds)[seed % kWorlds];
}

const SimWorld& crowded_one_of(std::uint64_t seed) {
  static const Worlds* worlds = make_worlds(draft_crowd, 7, kWorldsOfCrowds);
  return (*worlds)[seed % kWorldsOfCrowds];
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

SimDeviceOptions draw_disk(Prng& prng, std::uint64_t seed) {
  const DeviceFaults faults = draw_faults(prng);
  return {.model = draw_model(prng),
          .faults = faults,
          .seed = seed ^ 0x5EED,
          .reads_max = 4 + static_cast<std::uint32_t>(prng.below(60)),
          .in_flight_max = {4096u << prng.below(6)},
          .read_size_max = {4096u << prng.below(3)}};
}

// Twice what all of it and all that is abandoned can take, or what does not hold everything.
std::uint64_t draw_budget(Prng& prng, const SessionPlan& plan) {
  const std::uint64_t raw_total =
      plan.first->raw_total + (plan.second != nullptr ? plan.second->raw_total : 0);
  const double share = prng.between(0.5, 3.0);
  if (plan.only_pins) return 4 * (raw_total + (kLoadsMax + 1) * plan.raw_largest + kBudgetMin);
  const auto part = static_cast<std::uint64_t>(share * static_cast<double>(raw_total));
  return std::max({kBudgetMin, part, plan.raw_largest * 2 + kBudgetMin});
}

StreamerOptions draw_streamer(Prng& prng, const SessionPlan& plan, std::uint32_t active_max) {
  const std::uint64_t budget = draw_budget(prng, plan);
  const std::uint64_t staging = std::min<std::uint64_t>(budget / 4, 16384u << prng.below(3));
  return {
      .memory_budget = {budget},
      .staging = {staging},
      .decode_workers = 0,
      .read_size_max = plan.disk.read_size_max,
      .read_per_second_max = {plan.rate_limited ? 16384ull << prng.below(7) : ~0ull},
      .lookahead = Duration::from_seconds(prng.between(0.5, 10)),
      .read_timeout = Duration::from_seconds(prng.between(0.5, 10) + 30 * plan.time_scale),
      .retry_after = Duration::from_seconds(prng.between(0.1, 1)),
      .observers_max = kObserversMax,
      .loads_max = 1 + static_cast<std::uint32_t>(prng.below(prng.chance(0.2) ? 2 : kLoadsMax)),
      .active_max = active_max,
      .arrival_cost_max = 1 + static_cast<std::uint32_t>(prng.below(4000)),
      .leaving_cost_max = prng.chance(0.5) ? ~0u : 1 + static_cast<std::uint32_t>(prng.below(400))};
}

std::uint32_t containers_of(const SessionPlan& plan) {
  const std::uint32_t count = plan.first->tables.containers.count();
  return plan.second == nullptr ? count : count + plan.second->tables.containers.count();
}

// Few steps, because each is as much work as a hundred others.
void make_crowd(Prng& prng, SessionPlan& plan) {
  // Each that is bounded may reach most of the world, and that is looked at for all.
  const bool some_bounded = prng.chance(0.4);
  plan.bounded = some_bounded ? prng.between(0, 0.6) : 0;
  plan.observers_first =
      static_cast<std::uint32_t>(some_bounded ? 100 + prng.below(500) : 1000 + prng.below(4000));
  plan.observers_last = 40;
  plan.streamer.observers_max = plan.observers_first + kObserversMax;
  plan.streamer.wanted_per_observer_max = 256;
  plan.streamer.binds_max = StreamerOptions{}.binds_max;
  plan.steps = 24;
  plan.mount_second_at = prng.below(plan.steps / 2);
  plan.turns = 1 + static_cast<std::uint32_t>(prng.below(60));
  plan.streamer.intents_max = static_cast<std::uint32_t>(prng.below(200));
  if (plan.changes) plan.streamer.spawned_max = static_cast<std::uint32_t>(prng.below(400));
  plan.streamer.active_max += plan.streamer.spawned_max;
  plan.looks_every = 8;
}

}  // namespace

SessionPlan draw_plan(Prng& prng, std::uint64_t seed, const SimChoices& choices) {
  SessionPlan plan;
  const bool crowd = choices.crowd || seed % kCrowdEvery == kCrowdEvery / 2;
  plan.moves = crowd || prng.chance(0.5);
  const auto world_of = crowd ? crowded_one_of : plan.moves ? system_of : town_of;
  plan.first = &world_of(seed);
  plan.second = prng.chance(crowd ? 0.5 : 0.25) ? &world_of(seed + 1) : nullptr;
  plan.second_apart = prng.chance(0.3);
  plan.disk = draw_disk(prng, seed);
  const std::array<double, 4> scales = {0.001, 0.016, 0.1, 1.0};
  plan.time_scale = scales[prng.below(scales.size())];
  plan.only_pins = !crowd && prng.chance(0.1);
  plan.goes_by_events = prng.chance(0.15);
  plan.rate_limited = prng.chance(0.2);
  const bool enough = plan.only_pins || prng.chance(0.5);
  std::uint32_t active_max = 4 + static_cast<std::uint32_t>(prng.below(60));
  if (enough) active_max = kActiveEnough;
  if (crowd) active_max = containers_of(plan);
  plan.looks_every = prng.chance(0.25) ? 1 : 1 + static_cast<std::uint32_t>(prng.below(20));
  plan.mount_second_at = prng.below(plan.steps);
  plan.raw_largest =
      std::max(plan.first->raw_largest, plan.second != nullptr ? plan.second->raw_largest : 0);
  plan.streamer = draw_streamer(prng, plan, active_max);
  plan.reports_costs = prng.chance(0.3);
  const std::uint64_t staging = align_down(plan.streamer.staging.value, kRunAlignment);
  plan.memory = align_down(plan.streamer.memory_budget.value - staging, kRunAlignment);
  const std::uint32_t workers = 1 + static_cast<std::uint32_t>(prng.below(8));
  if (prng.chance(0.3)) plan.streamer.decode_workers = workers;
  if (choices.workers > 0) plan.streamer.decode_workers = choices.workers;
  if (prng.chance(0.1)) plan.comings = prng.between(0.1, 0.8);
  plan.streamer.interest_sets = prng.chance(0.4);
  if (prng.chance(0.3)) plan.streamer.binds_max = 1 + static_cast<std::uint32_t>(prng.below(10));
  plan.observers_last = 1 + static_cast<std::uint32_t>(prng.below(kObserversMax));
  plan.changes = plan.moves && !plan.only_pins && prng.chance(0.5);
  if (plan.changes) plan.streamer.spawned_max = static_cast<std::uint32_t>(prng.below(40));
  plan.intends = plan.moves && !plan.only_pins && prng.chance(0.4);
  plan.streamer.intents_max = static_cast<std::uint32_t>(prng.below(8));
  plan.streamer.intent_share = static_cast<float>(prng.between(0, 0.6));
  // Not drawn from the same numbers, so that all else of a seed stays as it was.
  Prng apart(seed ^ 0x511575);
  if (plan.moves && apart.chance(0.1)) {
    plan.streamer.wanted_per_observer_max = 1 + static_cast<std::uint32_t>(apart.below(3));
  }
  if (crowd) make_crowd(prng, plan);
  return plan;
}

}  // namespace nf::sim
