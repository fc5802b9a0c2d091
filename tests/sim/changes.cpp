#include "tests/sim/changes.h"

#include <algorithm>

namespace nf::sim {
namespace {

constexpr std::uint32_t kTriesMin = 12;  // to find a template
constexpr std::uint32_t kContainersPerTry = 8;

}  // namespace

void Changes::act(Stage& stage, Walkers& walkers) {
  for (std::uint32_t i = 0; i < stage.plan.turns; ++i) take_turn(stage, walkers);
}

void Changes::take_turn(Stage& stage, Walkers& walkers) {
  if (stage.plan.second != nullptr) act_on_second(stage, walkers);
  if (!stage.plan.changes) return;
  if (stage.prng.chance(0.1)) spawn(stage);
  if (stage.prng.chance(0.05)) despawn(stage, walkers);
  if (stage.prng.chance(0.05)) ask_of_nothing(stage);
}

void Changes::act_on_second(Stage& stage, Walkers& walkers) {
  if (second_is_ == State::leaving && !stage.streamer->mounted(second_.first)) {
    second_is_ = State::out;
  }
  const bool is_time = stage.result.steps == stage.plan.mount_second_at;
  const bool again = stage.result.mounts > 1 && stage.plan.changes && stage.prng.chance(0.1);
  if (second_is_ == State::out && (is_time || again)) {
    stage.mount(*stage.plan.second, stage.plan.second_apart);
    second_ = stage.mounted_last;
    second_is_ = State::in;
    despawned_of_second_ = false;
  } else if (second_is_ == State::in && stage.plan.changes && stage.prng.chance(0.03)) {
    unmount(stage, walkers);
  }
}

// It stays while something is spawned of it, or placed in it with nothing around.
void Changes::unmount(Stage& stage, Walkers& walkers) {
  bool in_use = std::any_of(spawned_.begin(), spawned_.end(),
                            [&](const Spawned& spawned) { return second_.contains(spawned.of); });
  for (ContainerId id{0}; id.value < stage.model.count() && stage.plan.second_apart; ++id.value) {
    if (!stage.model.exists(id) || second_.contains(id)) continue;
    in_use = in_use || stage.model.is_below(id, second_.first);
  }
  const auto unmounted = stage.streamer->unmount(second_.first);
  // What was spawned of it and is on its way out may hold it, too.
  stage.check(!unmounted || !in_use, "an archive in use was taken away");
  stage.check(unmounted || in_use || despawned_of_second_, "an archive that nothing uses stays");
  if (!unmounted) return;
  remove(stage, walkers, second_);
  second_is_ = State::leaving;
}

void Changes::spawn(Stage& stage) {
  ContainerId of = stage.any_container();  // now and then what is no template
  const std::uint32_t tries = std::max(kTriesMin, stage.mounts.count() / kContainersPerTry);
  for (std::uint32_t i = 0; i < tries && !stage.mounts.is_template(of); ++i) {
    of = stage.any_container();
  }
  const ContainerId parent = stage.any_frame();
  const double reach = stage.plan.first->extent;
  FrameMotion motion;
  motion.position = {stage.prng.between(-reach, reach), stage.prng.between(-reach, reach), 0};
  const auto made = stage.streamer->spawn(of, parent, motion, stage.now);
  if (!stage.mounts.is_template(of)) {
    stage.check(!made.has_value(), "something was spawned that is no template");
    return;
  }
  stage.check(made || made.error().code == ErrorCode::limit_exceeded, "a template was not spawned");
  if (!made) return;
  const std::uint32_t count = stage.mounts.subtree_count(of);
  for (std::uint32_t i = 0; i < count; ++i) {
    const ContainerId id{made->value + i};
    stage.check(stage.is_free(id), "what is spawned got the id of what is there");
  }
  stage.mounts.spawn(of, *made);
  stage.model.spawn(of, count, *made, parent);
  stage.model.set_frame(*made, motion.position, motion.rotation);
  stage.check(stage.streamer->template_of(*made) == of, "what is spawned is of another template");
  spawned_.push_back({.root = *made, .of = of, .count = count});
}

void Changes::despawn(Stage& stage, Walkers& walkers) {
  if (spawned_.empty()) return;
  std::swap(spawned_[stage.prng.below(spawned_.size())], spawned_.back());
  const Spawned gone = spawned_.back();
  const ContainerRange range{gone.root, {gone.root.value + gone.count}};
  const auto despawned = stage.streamer->despawn(gone.root, stage.now);
  if (!stage.check(despawned.has_value(), "what was spawned was not taken away")) return;
  spawned_.pop_back();
  despawned_of_second_ = despawned_of_second_ || second_.contains(gone.of);
  remove(stage, walkers, range);
}

// Of a number that is no container's, or not any more, nothing is to be had.
void Changes::ask_of_nothing(Stage& stage) const {
  const ContainerId id{static_cast<std::uint32_t>(stage.prng.below(stage.mounts.count() + 1))};
  if (id.value < stage.mounts.count() && stage.mounts.exists(id)) {
    return stage.model.is_of_template(id) ? ask_in_template(stage, id) : void();
  }
  Streamer& streamer = *stage.streamer;
  stage.check(!streamer.pin(id).id().valid(), "what is not there was pinned");
  const bool moved = streamer.move_frame(id, FrameMotion{}, stage.now).has_value();
  const bool attached = streamer.attach(id, {}, FrameMotion{}, stage.now).has_value();
  const bool gone = streamer.despawn(id, stage.now).has_value() || streamer.unmount(id).has_value();
  stage.check(!moved && !attached && !gone, "what is not there was moved or taken away");
  const Motion motion{.position = {}, .velocity = {}, .frame = id};
  const bool seen = streamer.add_observer({.motion = motion}, stage.now).has_value();
  stage.check(!seen, "an observer joined in a frame that is not there");
  const bool has_gates = !streamer.gates_of(id).empty() || streamer.find_gate(id, "gate").valid();
  stage.check(!has_gates, "what is not there has gates");
  (void)streamer.state(id);
  (void)streamer.failure(id);
}

// What has no place has nothing in its frame.
void Changes::ask_in_template(Stage& stage, ContainerId id) const {
  Streamer& streamer = *stage.streamer;
  const Motion motion{.position = {}, .velocity = {}, .frame = id};
  bool placed = streamer.add_observer({.motion = motion}, stage.now).has_value();
  placed |= streamer.move_frame(id, FrameMotion{}, stage.now).has_value();
  placed |= streamer.attach(id, {}, FrameMotion{}, stage.now).has_value();
  for (const Spawned& spawned : spawned_) {
    placed |= streamer.spawn(spawned.of, id, FrameMotion{}, stage.now).has_value();
    placed |= streamer.attach(spawned.root, id, FrameMotion{}, stage.now).has_value();
  }
  stage.check(!placed, "something was placed in a template");
}

void Changes::remove(Stage& stage, Walkers& walkers, ContainerRange range) {
  walkers.lose(stage, range);
  stage.model.remove(range);
  stage.mounts.remove(range);
}

}  // namespace nf::sim
