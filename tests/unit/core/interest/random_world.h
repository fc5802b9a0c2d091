// A random world of bodies within bodies, all of which move, with actors that fly, jump and cross
// over; and what looking at every container says of it.
//
// Test code, one thread. A function of its seed.
#pragma once

#include <cmath>
#include <map>
#include <vector>

#include "core/base/prng.h"
#include "tests/unit/core/interest/stage.h"

namespace nf::test {

struct RandomActor {
  std::uint32_t body = 0;  // container whose frame it is in; 0: the root's
  WorldPosition position;
  WorldVector velocity;
  float scale = 1;
  ObserverId id;
};

class RandomWorld {
 public:
  static constexpr double kRounding = 1e-3;  // metres within which rounding may say either

  RandomWorld(std::uint64_t seed, const InterestOptions& options)
      : prng_(seed), stage_(make(), options) {
    for (const std::uint32_t id : movers_) velocity_[id] = random_vector(200);
    const auto count = 1 + prng_.below(6);
    for (std::uint64_t i = 0; i < count; ++i) add_actor();
  }

  Stage& stage() { return stage_; }
  Prng& prng() { return prng_; }
  const std::vector<RandomActor>& actors() const { return actors_; }
  std::uint32_t container_count() const { return stage_.world.container_count(); }

  // Everything goes on by a frame; somebody may come.
  void advance() {
    move_bodies();
    for (RandomActor& actor : actors_) move_actor(actor);
    if (prng_.below(60) == 0 && actors_.size() < 12) add_actor();
  }
  ObserverId remove_actor() {
    const ObserverId id = actors_.back().id;
    stage_.interest.remove(id);
    actors_.pop_back();
    return id;
  }

  // Metres.
  double to_bounds(const RandomActor& actor, std::uint32_t id) const {
    MovingPose way;
    NF_ASSERT(stage_.world.bodies().relate(stage_.body(actor.body), stage_.body(id), way));
    return distance_to(stage_.world.place({id}), to_outer(way.pose, actor.position));
  }
  double load_distance(const RandomActor& actor, std::uint32_t id) const {
    return static_cast<double>(stage_.world.place({id}).load_distance) *
           static_cast<double>(actor.scale);
  }

 private:
  WorldVector random_vector(double most) {
    return random_direction(prng_) * prng_.between(0, most);
  }

  // Planets with stations and ships, ships with rooms and boats, boats with cabins.
  std::vector<NewContainer> make() {
    containers_.push_back({});
    const auto planets = 1 + prng_.below(4);
    for (std::uint64_t i = 0; i < planets; ++i) grow_body(0, 3, 20000);
    for (int i = 0; i < 20; ++i) add_place(0, 20000);
    return containers_;
  }

  void add_place(std::uint32_t parent, double width) {
    const auto size = static_cast<float>(width * std::pow(10.0, prng_.between(-3, -1)));
    NewContainer place = sphere_at(WorldPosition{} + random_vector(width), size,
                                   size * static_cast<float>(prng_.between(0.5, 8)), parent);
    if (prng_.below(2) == 0) place.kind = BoundsKind::box;
    place.rotation = random_rotation(prng_);
    containers_.push_back(place);
  }

  void grow_body(std::uint32_t parent, int depth, double width) {
    const auto id = static_cast<std::uint32_t>(containers_.size());
    add_place(parent, width);
    containers_.back().flags = ContainerFlags::moves;
    movers_.push_back(id);
    const auto places = prng_.below(8);
    for (std::uint64_t i = 0; i < places; ++i) add_place(id, width / 10);
    if (depth == 0) return;
    const auto below = prng_.below(3);
    for (std::uint64_t i = 0; i < below; ++i) grow_body(id, depth - 1, width / 8);
  }

  void add_actor() {
    RandomActor actor;
    actor.body = prng_.below(3) == 0 ? 0 : movers_[prng_.below(movers_.size())];
    actor.position = WorldPosition{} + random_vector(3000);
    actor.velocity = random_vector(300);
    actor.scale = static_cast<float>(prng_.between(0.5, 2));
    actor.id = stage_.add_in(actor.body, actor.position, actor.scale);
    actors_.push_back(actor);
  }

  void move_bodies() {
    for (const std::uint32_t id : movers_) {
      if (prng_.below(4) == 0) continue;
      Pose& pose = pose_[id];
      WorldVector& velocity = velocity_[id];
      if (prng_.below(200) == 0) velocity = random_vector(3000);
      if (prng_.below(500) == 0) pose.origin = WorldPosition{} + random_vector(20000);
      pose.origin = pose.origin + velocity * kFrame.seconds();
      const Rotation turn = about({0.1, 0.2, 1}, 0.3);
      pose.rotation = normalized(to_world(turn) * pose.rotation);
      stage_.pose(id, {.pose = pose, .velocity = {}, .spin = {}});
    }
  }

  void move_actor(RandomActor& actor) {
    if (prng_.below(100) == 0) actor.velocity = random_vector(300);
    if (prng_.below(400) == 0) actor.position = WorldPosition{} + random_vector(20000);
    actor.position = actor.position + actor.velocity * kFrame.seconds();
    if (prng_.below(120) == 0) cross_over(actor);
    stage_.move_in(actor.body, actor.id, actor.position);
  }

  // To another frame, where it stands as it did.
  void cross_over(RandomActor& actor) {
    const std::uint32_t to = prng_.below(3) == 0 ? 0 : movers_[prng_.below(movers_.size())];
    MovingPose way;
    NF_ASSERT(stage_.world.bodies().relate(stage_.body(actor.body), stage_.body(to), way));
    actor.position = to_outer(way.pose, actor.position);
    actor.velocity = to_outer(way.pose, actor.velocity);
    actor.body = to;
  }

  Prng prng_;
  std::vector<NewContainer> containers_;
  std::vector<std::uint32_t> movers_;
  Stage stage_;
  std::map<std::uint32_t, Pose> pose_;
  std::map<std::uint32_t, WorldVector> velocity_;
  std::vector<RandomActor> actors_;
};

}  // namespace nf::test
