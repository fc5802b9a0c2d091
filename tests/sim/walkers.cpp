#include "tests/sim/walkers.h"

#include <cmath>
#include <utility>

#include "core/world/vector_math.h"

namespace nf::sim {
namespace {

constexpr double kSpeedMax = 0.75;  // of an extent a second; faster than any of them goes
constexpr double kSpreadOfOneWhoStands = 0.6;  // metres, and what contact is rounded to

// What can be reached within the lookahead is kept for half as long again, and a little.
constexpr double kReachedWithin = 1.5;
constexpr double kReachedLate = 0.3;  // seconds

Spot somewhere(Stage& stage) {
  const ContainerId frame = stage.any_frame();
  double reach = stage.plan.first->extent;
  if (frame.valid() && stage.prng.chance(0.7)) reach = 3 * stage.model.size(frame);
  const double x = stage.prng.between(-1, 1) * reach;
  return {frame, {x, stage.prng.between(-1, 1) * reach, 0}};
}

Motion motion_of(const Walker& walker) {
  return {.position = walker.at.position, .velocity = walker.velocity, .frame = walker.at.frame};
}

}  // namespace

Reach reach_of(const Stage& stage, const Walker& walker, const View& view, ContainerId id) {
  const StreamerOptions& options = stage.plan.streamer;
  const double reach = stage.model.load_distance(id) * static_cast<double>(walker.scale);
  const double kept =
      std::max(reach * static_cast<double>(options.hysteresis), reach + kSpreadOfOneWhoStands);
  const double distance = stage.model.distance(view, id);
  const double doubt = stage.model.doubt(view, id);
  const double seconds = kReachedWithin * options.lookahead.seconds() + kReachedLate;
  const bool has_bound = walker.speed_max > 0;
  return {.inside = distance < reach - doubt,
          .touches = distance < reach + doubt,
          .near = distance < kept + doubt,
          .reachable = has_bound && distance < reach + walker.speed_max * seconds};
}

void Walkers::join(Stage& stage) {
  Walker walker;
  walker.at = somewhere(stage);
  walker.told = walker.at;
  walker.scale = stage.prng.chance(0.8) ? 1.0f : static_cast<float>(stage.prng.between(0.5, 2));
  if (stage.prng.chance(stage.plan.bounded)) {
    walker.speed_max = stage.plan.first->extent * kSpeedMax;
  }
  const Observer observer{.motion = motion_of(walker),
                          .bubble_scale = walker.scale,
                          .weight = static_cast<float>(std::pow(10, stage.prng.between(-4, 4))),
                          .speed_max = walker.speed_max};
  const auto id = stage.streamer->add_observer(observer, stage.now);
  if (!stage.check(id.has_value(), "an observer was refused")) return;
  walker.id = *id;
  all.push_back(walker);
}

void Walkers::act(Stage& stage) {
  const bool has_room = !stage.plan.only_pins && all.size() < stage.plan.streamer.observers_max;
  if (has_room && stage.prng.chance(stage.plan.comings)) join(stage);
  if (all.size() > 1 && stage.prng.chance(stage.plan.comings * 0.7)) {
    std::swap(all[stage.prng.below(all.size())], all.back());
    stage.streamer->remove_observer(all.back().id);
    all.pop_back();
  }
}

// On in another frame, from where it is: no jump. To another space there is no way but one.
void Walkers::cross(Stage& stage, Walker& walker) {
  const ContainerId frame = stage.any_frame();
  stage.model.look(walker.at, view_);
  const View::Seen& seen = frame.valid() ? view_.in[frame.value] : view_.in_root;
  walker.at = seen.same_space ? Spot{frame, seen.at} : somewhere(stage);
}

void Walkers::move(Stage& stage, Duration passed) {
  Prng& prng = stage.prng;
  const double extent = stage.plan.first->extent;
  for (Walker& walker : all) {
    if (prng.chance(0.05)) {
      const double speed = prng.chance(0.2) ? 0 : extent * prng.between(0, 0.5);
      const double x = prng.between(-1, 1) * speed;
      walker.velocity = {x, prng.between(-1, 1) * speed, 0};
    }
    walker.at.position = walker.at.position + walker.velocity * passed.seconds();
    if (walker.at.nowhere) walker.at = somewhere(stage);
    const bool is_lost =
        !walker.at.frame.valid() && length(walker.at.position - WorldPosition{}) > 3 * extent;
    if (prng.chance(0.01) || (is_lost && prng.chance(0.1))) walker.at = somewhere(stage);
    if (stage.plan.moves && prng.chance(0.02)) cross(stage, walker);
    if (prng.chance(0.1)) continue;
    stage.streamer->move_observer(walker.id, motion_of(walker), stage.now);
    walker.told = walker.at;
  }
}

void Walkers::settle(Stage& stage) {
  while (all.size() > stage.plan.observers_last) {
    std::swap(all[stage.prng.below(all.size())], all.back());
    stage.streamer->remove_observer(all.back().id);
    all.pop_back();
  }
  for (Walker& walker : all) walker.velocity = {};
}

void Walkers::stand(Stage& stage) {
  for (Walker& walker : all) {
    stage.streamer->move_observer(walker.id, motion_of(walker), stage.now);
    walker.told = walker.at;
  }
}

void Walkers::visit(Stage& stage) {
  for (Walker& walker : all) {
    for (int i = 0; i < 8; ++i) {
      const ContainerId id = stage.any_container();
      if (!stage.model.placed(id)) continue;
      walker.visited = id;
      if (stage.model.refinement(id) != Refinement::none) break;
    }
    if (!walker.visited.valid()) continue;
    const double reach =
        stage.model.load_distance(walker.visited) * static_cast<double>(walker.scale);
    walker.at = stage.model.beside(walker.visited, reach * 0.9);
  }
}

void Walkers::turn_back(Stage& stage) {
  const double kept = (1 + static_cast<double>(stage.plan.streamer.hysteresis)) / 2;
  for (Walker& walker : all) {
    if (!walker.visited.valid()) continue;
    const double reach =
        stage.model.load_distance(walker.visited) * static_cast<double>(walker.scale);
    walker.at = stage.model.beside(walker.visited, reach * kept);
  }
}

void Walkers::lose(const Stage& stage, ContainerRange removed) {
  for (Walker& walker : all) {
    walker.at = stage.model.left_behind(walker.at, removed);
    walker.told = stage.model.left_behind(walker.told, removed);
  }
}

void Walkers::leave(Stage& stage) {
  for (const Walker& walker : all) stage.streamer->remove_observer(walker.id);
  all.clear();
}

}  // namespace nf::sim
