#include "tests/sim/binds.h"

#include <algorithm>

namespace nf::sim {

void Binds::take(Stage& stage, const FrameEvents& events, const Walkers& walkers) {
  const std::size_t most = stage.plan.streamer.binds_max;
  told_all_ = events.bound.size() < most && events.unbound.size() < most;
  stage.check(events.bound.size() <= most && events.unbound.size() <= most,
              "more was bound in a frame than the limit allows");
  for (const Bind& bind : events.unbound) {
    Told& told = told_[bind.observer.value];
    stage.check(told.erase(bind.container.value) == 1,
                "an observer was unbound from what it was not bound to");
    if (told.empty()) told_.erase(bind.observer.value);
    --stage.bound[bind.container.value];
  }
  for (const Bind& bind : events.bound) {
    const bool is_new = told_[bind.observer.value].insert(bind.container.value).second;
    stage.check(is_new, "an observer was bound twice to one container");
    ++stage.bound[bind.container.value];
  }
  if (!events.bound.empty()) {
    const bool known = std::all_of(events.bound.begin(), events.bound.end(), [&](const Bind& bind) {
      return std::any_of(walkers.all.begin(), walkers.all.end(),
                         [&](const Walker& walker) { return walker.id == bind.observer; });
    });
    stage.check(known || walkers.all.size() > 100, "an observer was bound that has gone");
  }
}

std::size_t Binds::count() const {
  std::size_t count = 0;
  for (const auto& [observer, told] : told_) count += told.size();
  return count;
}

void Binds::check(Stage& stage, const Walkers& walkers) {
  if (!stage.plan.streamer.interest_sets) return;
  static const Told nothing;
  for (const Walker& walker : walkers.all) {
    const auto told = told_.find(walker.id.value);
    const Told& bound = told == told_.end() ? nothing : told->second;
    const auto of = stage.streamer->interest_of(walker.id);
    const bool adds_up = std::equal(of.begin(), of.end(), bound.begin(), bound.end(),
                                    [](ContainerId a, std::uint32_t b) { return a.value == b; });
    stage.check(adds_up, "an interest set is not what its changes add up to");
    if (!told_all_) continue;
    stage.model.look(walker.told, view_);
    check_told(stage, walker, bound);
  }
}

// Inside the load distance it is bound, beyond the hysteresis it is not, and what is between keeps
// what it was.
void Binds::check_told(Stage& stage, const Walker& walker, const Told& bound) const {
  const double hysteresis = static_cast<double>(stage.plan.streamer.hysteresis);
  for (std::uint32_t i = 0; i < stage.model.count(); ++i) {
    const ContainerId id{i};
    const bool is_bound = bound.contains(i);
    const bool can_be = stage.model.placed(id) && view_.in[i].same_space;
    stage.check(can_be || !is_bound, "an observer is bound to what has no place near it");
    if (!can_be) continue;
    const double reach = stage.model.load_distance(id) * static_cast<double>(walker.scale);
    const double distance = stage.model.distance(view_, id);
    const double doubt = stage.model.doubt(view_, id);
    const bool near = distance <= reach * hysteresis + doubt;
    stage.check(near || !is_bound, "an observer is bound to what it is far from");
    const bool inside = distance < reach - doubt;
    stage.check(!inside || is_bound || stage.streamer->stats().overflows > 0,
                "an observer is not bound to what it is near");
  }
}

}  // namespace nf::sim
