#include "tests/sim/frames.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/world/vector_math.h"

namespace nf::sim {
namespace {

constexpr double kTurn = 6.283185307;

void draw_way(Stage& stage, Craft& craft) {
  Prng& prng = stage.prng;
  const double extent = stage.plan.first->extent;
  craft.way = static_cast<Craft::Way>(prng.below(3));
  craft.circle = extent * prng.between(0, 0.5);
  craft.rate = prng.between(-0.5, 0.5);
  craft.spin = prng.chance(0.5) ? prng.between(-1, 1) : 0;
  const double speed = extent * prng.between(0, 0.3);
  const double x = prng.between(-1, 1) * speed;
  craft.velocity = {x, prng.between(-1, 1) * speed, 0};
}

void go_on(Stage& stage, Craft& craft, double seconds) {
  craft.heading += craft.spin * seconds;
  if (craft.way == Craft::Way::circles) {
    craft.along += craft.rate * seconds;
    const WorldVector out{std::cos(craft.along), std::sin(craft.along), 0};
    craft.at = craft.home + out * craft.circle;
    craft.velocity = WorldVector{-out.y, out.x, 0} * (craft.circle * craft.rate);
  } else {
    craft.at = craft.at + craft.velocity * seconds;
  }
  const bool is_lost = length(craft.at - craft.home) > 3 * stage.plan.first->extent;
  if (is_lost) craft.at = craft.home;
}

FrameMotion motion_of(const Craft& craft) {
  const double half = craft.heading / 2;
  return {.position = craft.at,
          .rotation = {0, 0, std::sin(half), std::cos(half)},
          .velocity = {},
          .spin = {}};
}

}  // namespace

// What is gone is gone; what came has not moved yet.
void Frames::find(Stage& stage) {
  if (version_ == stage.model.version()) return;
  version_ = stage.model.version();
  std::erase_if(all, [&](const Craft& craft) { return !stage.model.moves(craft.id); });
  for (ContainerId id{0}; id.value < stage.model.count(); ++id.value) {
    if (!stage.model.moves(id) || !stage.model.has_frame(id)) continue;
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const Craft& craft) { return craft.id == id; });
    if (known != all.end()) {
      if (known->parent != stage.model.parent(id)) set_adrift(stage, *known);
      continue;
    }
    Craft craft;
    craft.id = id;
    craft.parent = stage.model.parent(id);
    craft.home = craft.at = stage.model.position(id);
    craft.along = stage.prng.between(0, kTurn);
    all.push_back(craft);
  }
}

// What it was in was taken away. It goes on beside that, or nothing is said of it until it docks.
void Frames::set_adrift(Stage& stage, Craft& craft) const {
  craft.parent = stage.model.parent(craft.id);
  craft.home = craft.at = stage.model.position(craft.id);
  craft.adrift = stage.prng.chance(0.5);
}

// It goes on in another frame, at some place there.
void Frames::dock(Stage& stage, Craft& craft) {
  const ContainerId parent = stage.any_frame();
  const double reach = stage.plan.first->extent * stage.prng.between(0, 1);
  Craft there = craft;
  there.home = there.at = {stage.prng.between(-reach, reach), stage.prng.between(-reach, reach), 0};
  const FrameMotion motion = motion_of(there);
  const auto attached = stage.streamer->attach(craft.id, parent, motion, stage.now);
  const bool can = !parent.valid() || !stage.model.is_below(parent, craft.id);
  stage.check(attached.has_value() == can, "a frame was attached to itself, or was not attached");
  if (!attached) return;
  craft = there;
  craft.parent = parent;
  craft.adrift = false;
  stage.model.attach(craft.id, parent);
  stage.model.set_frame(craft.id, motion.position, motion.rotation);
}

void Frames::tell(Stage& stage, const Craft& craft, const FrameMotion& motion) {
  const auto told = stage.streamer->move_frame(craft.id, motion, stage.now);
  stage.check(told.has_value(), "a frame that may move was not moved");
  stage.model.set_frame(craft.id, motion.position, motion.rotation);
}

void Frames::act(Stage& stage, Duration passed) {
  if (!stage.plan.moves) return;
  find(stage);
  Prng& prng = stage.prng;
  for (Craft& craft : all) {
    if (prng.chance(0.02)) draw_way(stage, craft);
    if (stage.plan.changes && prng.chance(craft.adrift ? 0.2 : 0.02)) dock(stage, craft);
    if (craft.adrift) continue;
    const bool jumps = prng.chance(0.003);
    if (jumps) {
      const double reach = stage.plan.first->extent;
      craft.at = craft.home + WorldVector{prng.between(-reach, reach), 0, 0};
    }
    if (craft.way == Craft::Way::stands && !jumps) continue;
    go_on(stage, craft, passed.seconds());
    if (prng.chance(0.1)) continue;
    FrameMotion motion = motion_of(craft);
    if (prng.chance(0.5)) {
      motion.velocity = craft.velocity;
      motion.spin = {0, 0, craft.spin};
    } else if (prng.chance(0.1)) {
      motion.velocity = craft.velocity * prng.between(-3, 3);
    }
    tell(stage, craft, motion);
  }
  if (prng.chance(0.02)) try_nonsense(stage);
}

// What is refused changes nothing.
void Frames::try_nonsense(Stage& stage) {
  const ContainerId id = stage.any_container();
  FrameMotion motion;
  motion.position.x = std::numeric_limits<double>::quiet_NaN();
  const auto no_number = stage.streamer->move_frame(id, motion, stage.now);
  stage.check(!no_number.has_value(), "a frame was moved to where is no place");
  if (stage.model.moves(id) && stage.model.has_frame(id)) return;
  const auto fixed = stage.streamer->move_frame(id, FrameMotion{}, stage.now);
  stage.check(!fixed.has_value(), "a frame that may not move was moved");
}

void Frames::settle(Stage& stage) {
  if (!stage.plan.moves) return;
  find(stage);
  for (Craft& craft : all) {
    while (craft.adrift) dock(stage, craft);
    craft.way = Craft::Way::stands;
  }
}

void Frames::stand(Stage& stage) {
  for (const Craft& craft : all) tell(stage, craft, motion_of(craft));
}

}  // namespace nf::sim
