#include "tests/sim/walkers.h"

#include <cmath>

#include "core/world/vector_math.h"

namespace nf::sim {
namespace {

WorldPosition somewhere(Stage& stage) {
  const double extent = stage.plan.first->extent;
  const double x = stage.prng.between(-1, 1) * extent;
  return {x, stage.prng.between(-1, 1) * extent, 0};
}

}  // namespace

void Walkers::join(Stage& stage) {
  Walker walker;
  walker.at = somewhere(stage);
  walker.told = walker.at;
  walker.scale = stage.prng.chance(0.8) ? 1.0f : static_cast<float>(stage.prng.between(0.5, 2));
  const auto id = stage.streamer->add_observer(
      {.motion = {walker.at, {}}, .bubble_scale = walker.scale}, stage.now);
  if (!stage.check(id.has_value(), "an observer was refused")) return;
  walker.id = *id;
  all.push_back(walker);
}

void Walkers::act(Stage& stage) {
  const bool has_room = !stage.plan.only_pins && all.size() < kObserversMax;
  if (has_room && stage.prng.chance(0.03)) join(stage);
  if (all.size() > 1 && stage.prng.chance(0.02)) {
    stage.streamer->remove_observer(all.back().id);
    all.pop_back();
  }
}

void Walkers::move(Stage& stage, Duration passed) {
  Prng& prng = stage.prng;
  const double extent = stage.plan.first->extent;
  for (Walker& walker : all) {
    if (prng.chance(0.05)) {
      const double speed = extent * prng.between(0, 0.5);
      const double x = prng.between(-1, 1) * speed;
      walker.velocity = {x, prng.between(-1, 1) * speed, 0};
    }
    walker.at = walker.at + walker.velocity * passed.seconds();
    const bool is_lost = std::hypot(walker.at.x, walker.at.y) > 3 * extent;
    if (prng.chance(0.01) || is_lost) walker.at = somewhere(stage);
    if (prng.chance(0.1)) continue;
    stage.streamer->move_observer(walker.id, {walker.at, walker.velocity}, stage.now);
    walker.told = walker.at;
  }
}

void Walkers::settle(Stage& stage) {
  while (all.size() > 1) {
    stage.streamer->remove_observer(all.back().id);
    all.pop_back();
  }
}

void Walkers::stand(Stage& stage) {
  for (Walker& walker : all) {
    stage.streamer->move_observer(walker.id, {walker.at, {}}, stage.now);
    walker.told = walker.at;
  }
}

}  // namespace nf::sim
