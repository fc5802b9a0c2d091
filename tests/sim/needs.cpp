#include "tests/sim/needs.h"

#include <algorithm>

namespace nf::sim {
namespace {

constexpr double kSurelyInside = 0.999;  // of the reach: what rounding leaves no doubt about
constexpr double kKept = 1.2;            // hysteresis and some

void mark_with_dependencies(const SimMounts& mounts, ContainerId id, std::vector<bool>& set) {
  set[id.value] = true;
  mounts.for_each_dependency(id, [&](ContainerId on) { set[on.value] = true; });
}

}  // namespace

void Needs::check(Stage& stage, const Walkers& walkers) {
  was_missing_.resize(stage.mounts.count());
  bool missing_long = false;
  std::vector<bool> missing(stage.mounts.count(), false);
  for (std::uint32_t id = 0; id < missing.size(); ++id) {
    const Place place = stage.mounts.place({id});
    if (place.kind == BoundsKind::none || stage.resident[id]) continue;
    for (const Walker& walker : walkers.all) {
      const double reach = static_cast<double>(place.load_distance) * walker.scale;
      missing[id] = missing[id] || distance_to(place, walker.told) < reach * kSurelyInside;
    }
    missing_long = missing_long || (missing[id] && was_missing_[id]);
  }
  was_missing_ = missing;
  const Stats stats = stage.streamer->stats();
  stage.check(!missing_long || stats.late_now > 0 || stats.overflows > 0,
              "something is late and the streamer does not know");
}

Needs::Met Needs::met(const Stage& stage, const Walkers& walkers, const Pins& pins) const {
  const SimMounts& mounts = stage.mounts;
  std::vector<bool> needed(mounts.count(), false), kept = needed;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    bool inside = pins.watch.contains({id}), near = inside;
    for (const Walker& walker : walkers.all) {
      const Place place = mounts.place({id});
      if (place.kind == BoundsKind::none) continue;
      const double reach = static_cast<double>(place.load_distance) * walker.scale;
      const double distance = distance_to(place, walker.at);
      inside = inside || distance < reach * kSurelyInside;
      near = near || distance < reach * kKept;  // what hysteresis keeps takes a place, too
    }
    if (inside) mark_with_dependencies(mounts, {id}, needed);
    if (near) mark_with_dependencies(mounts, {id}, kept);
  }
  Met met;
  std::uint64_t total = 0;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    if (!needed[id]) continue;
    total += mounts.raw({id}).size() + 256;
    met.all = met.all && stage.resident[id];
  }
  // What cannot move leaves gaps: half of the memory is always enough to place it. The other half
  // of the places is for what is forecast.
  const auto places = static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), true));
  met.fits = total + stage.plan.raw_largest <= stage.plan.memory / 2 &&
             places * 2 <= stage.plan.streamer.active_max;
  return met;
}

}  // namespace nf::sim
