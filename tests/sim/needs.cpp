#include "tests/sim/needs.h"

#include <algorithm>

#include "core/base/checked.h"

namespace nf::sim {
namespace {

bool is_wanted(Residency state) {
  return state != Residency::dormant && state != Residency::leaving;
}

}  // namespace

void Needs::look(const Stage& stage, const Walkers& walkers) {
  inside_.assign(stage.mounts.count(), false);
  near_ = reachable_ = inside_;
  for (const Walker& walker : walkers.all) look_as(stage, walker);
}

void Needs::look_as(const Stage& stage, const Walker& walker) {
  stage.model.look(walker.told, view_);
  for (std::uint32_t i = 0; i < inside_.size(); ++i) {
    const ContainerId id{i};
    if (!stage.model.placed(id) || !view_.in[i].same_space || inside_[i]) continue;
    const Reach reach = reach_of(stage, walker, view_, id);
    inside_[i] = reach.inside;
    near_[i] = near_[i] || reach.near;
    reachable_[i] = reachable_[i] || reach.reachable;
  }
}

void Needs::check(Stage& stage, const Walkers& walkers) {
  look(stage, walkers);
  // In the steps of a wait frames may have moved on already, and observers not.
  const bool waited = stage.waited_at + 1 == stage.result.steps;
  const bool was_just_looked_at = stage.result.steps == looked_at_ + 1 && !waited;
  looked_at_ = stage.result.steps;
  was_missing_.resize(stage.mounts.count());
  bool missing_long = false;
  bool forgotten = false;
  std::vector<bool> missing(stage.mounts.count(), false);
  for (std::uint32_t id = 0; id < missing.size(); ++id) {
    if (stage.resident[id] || !inside_[id]) continue;
    missing[id] = true;
    missing_long = missing_long || (was_just_looked_at && was_missing_[id]);
    forgotten = forgotten || !is_wanted(stage.streamer->state({id}));
  }
  was_missing_ = missing;
  const Stats stats = stage.streamer->stats();
  stage.check(!forgotten || stage.dropped, "something is needed and forgotten");
  stage.check(!missing_long || stats.late_now > 0,
              "something is late and the streamer does not know");
}

Needs::Met Needs::met(const Stage& stage, const Walkers& walkers) {
  look(stage, walkers);
  const SimMounts& mounts = stage.mounts;
  std::vector<bool> needed(mounts.count(), false), kept = needed;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    const bool pinned = stage.pinned.contains({id});
    if (inside_[id] || pinned) mounts.mark_with_dependencies({id}, needed);
    if (near_[id] || pinned) mounts.mark_with_dependencies({id}, kept);
  }
  Met met;
  std::uint64_t total = 0;
  for (std::uint32_t id = 0; id < needed.size(); ++id) {
    if (!needed[id]) continue;
    total += mounts.raw({id}).size() + SimMounts::kGranule;
    met.all = met.all && stage.resident[id];
  }
  // What cannot move leaves gaps: half of the memory is always enough to place it. The other half
  // of the places is for what is forecast.
  const auto places = static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), true));
  met.fits = total + stage.plan.raw_largest <= stage.plan.memory / 2 &&
             places * 2 <= stage.plan.streamer.active_max && stage.plan.lists_hold_all();
  return met;
}

std::vector<bool> Needs::may_be_kept(const Stage& stage, const Walkers& walkers) {
  look(stage, walkers);
  std::vector<bool> kept(stage.mounts.count(), false);
  for (std::uint32_t id = 0; id < kept.size(); ++id) {
    const bool near = near_[id] || reachable_[id] || stage.pinned.contains({id});
    if (near) stage.mounts.mark_with_dependencies({id}, kept);
  }
  return kept;
}

void Needs::check_kept(Stage& stage, const Walkers& walkers) {
  const std::vector<bool> kept = may_be_kept(stage, walkers);
  for (std::uint32_t id = 0; id < kept.size(); ++id) {
    stage.check(kept[id] || !is_wanted(stage.streamer->state({id})),
                "something is kept that nobody wants");
  }
}

bool Needs::check_forgotten(Stage& stage) const {
  const Stats stats = stage.streamer->stats();
  stage.check(stats.resident == 0 && stats.late_now == 0, "something is there with nobody there");
  stage.check(stats.queued == 0 && stats.loading == 0, "something loads with nobody there");
  stage.check(stats.intents == 0, "something is intended with nobody there");
  std::uint64_t cached = align_down(stage.plan.streamer.staging.value, kRunAlignment);
  for (std::uint32_t id = 0; id < stage.mounts.count(); ++id) {
    const Residency state = stage.streamer->state({id});
    stage.check(!is_wanted(state), "something is wanted with nobody there");
    if (state != Residency::leaving) continue;
    cached += stage.mounts.room_in_memory({id});
  }
  return stats.memory.value == cached && stats.intent_memory.value == 0;
}

}  // namespace nf::sim
