// Interest sets as an engine sees them: what binds and unbinds, whatever is resident.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/base/prng.h"
#include "core/io/sim_device.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

constexpr Duration kFrame{16'666'667};
constexpr double kLoad = 15;  // from the middle of a room
constexpr double kLeave = 5 + 10 * static_cast<double>(1.15f);

using Pairs = std::set<std::pair<ObserverId, ContainerId>>;

class InterestOf : public testing::Test {
 protected:
  void open(StreamerOptions options = {}) {
    streamer_.reset();
    device_.emplace(SimDeviceOptions{.model = *find_device_model("broadband"), .faults = {}});
    options.memory_budget = 1_MiB;
    options.device = &*device_;
    options.decode_workers = 0;
    options.interest_sets = true;
    first_ = options.spawned_max;
    streamer_.emplace(std::move(Streamer::create(options).value()));
    ASSERT_TRUE(streamer_->mount(
        {.tables = &world_.tables, .file = device_->add_memory_file(world_.file)}));
  }
  ObserverId add(double x) {
    return streamer_->add_observer({.motion = {.position = {x, 0, 0}, .velocity = {}}}, now_)
        .value();
  }
  void move(ObserverId id, double x) {
    streamer_->move_observer(id, {.position = {x, 0, 0}, .velocity = {}}, now_);
  }
  FrameEvents update() {
    const FrameEvents events = streamer_->update(now_);
    now_ = now_ + kFrame;
    for (const Bind& bind : events.unbound) {
      EXPECT_EQ(told_.erase({bind.observer, bind.container}), 1u);
    }
    for (const Bind& bind : events.bound) {
      EXPECT_TRUE(told_.insert({bind.observer, bind.container}).second);
    }
    return events;
  }

  TinyWorld world_ = make_tiny_world({.rooms = 12, .shared = 2});
  std::optional<SimDevice> device_;
  std::optional<Streamer> streamer_;
  std::uint32_t first_ = 0;  // number of the archive's first container
  Time now_{1'000'000'000};
  Pairs told_;
};

TEST_F(InterestOf, binds_before_a_container_is_resident_and_never_to_what_is_shared_or_pinned) {
  open();
  const ObserverId one = add(100);
  const Pin pin = streamer_->pin(world_.room(7));
  const FrameEvents events = update();
  EXPECT_TRUE(events.arrived.empty());
  ASSERT_EQ(events.bound.size(), 1u);
  EXPECT_EQ(events.bound[0].observer, one);
  EXPECT_EQ(events.bound[0].container, world_.room(1));
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(update().bound.empty());
  EXPECT_TRUE(pin.resident());
  EXPECT_EQ(streamer_->state(world_.room(1)), Residency::resident);
  EXPECT_EQ(told_, (Pairs{{one, world_.room(1)}}));
}

TEST_F(InterestOf, tells_nothing_of_what_came_and_went_in_a_wait) {
  open();
  const ObserverId one = add(100);
  const ObserverId other = add(300);
  update();
  const Pin pin = streamer_->pin(world_.room(9));
  move(one, 200);
  (void)streamer_->wait(pin, now_, {});
  EXPECT_EQ(streamer_->interest_of(one).front(), world_.room(1));  // as was told
  move(one, 100);
  (void)streamer_->wait(pin, now_, {});
  move(other, 400);
  (void)streamer_->wait(pin, now_, {});
  const FrameEvents events = update();
  ASSERT_EQ(events.bound.size(), 1u);
  ASSERT_EQ(events.unbound.size(), 1u);
  EXPECT_EQ(events.bound[0].container, world_.room(4));
  EXPECT_EQ(events.unbound[0].container, world_.room(3));
}

// A number that is given again before it was told who is not bound to it would go unheard.
TEST_F(InterestOf, gives_no_number_again_to_which_somebody_is_bound) {
  const ContainerId room = world_.room(7);
  world_.tables.containers.flags[room.value] = ContainerFlags::template_root;
  for (const std::uint32_t binds_max : {1000u, 1u}) {
    for (const bool waits : {true, false}) {
      told_.clear();
      open({.binds_max = binds_max, .spawned_max = 2});
      const auto spawn = [&](double x) {
        return streamer_->spawn({first_ + room.value}, {}, {.position = {x, 0, 0}}, now_);
      };
      const std::vector<ObserverId> observers{add(100), add(101), add(102)};
      const ContainerId one = spawn(100).value();
      for (int i = 0; i < 10; ++i) update();
      ASSERT_TRUE(told_.contains({observers.back(), one}));
      ASSERT_TRUE(streamer_->despawn(one, now_));
      const Pin pin = streamer_->pin({first_ + world_.room(9).value});
      for (int i = 0; waits && i < 5; ++i) (void)streamer_->wait(pin, now_, {});
      for (int i = 0; i < 20; ++i) {
        const auto next = spawn(5000);
        ASSERT_TRUE(next);
        for (const auto& [observer, container] : told_) EXPECT_NE(container, *next) << i;
        ASSERT_TRUE(streamer_->despawn(*next, now_));
        update();
        ++now_.ns;
      }
      for (const auto& [observer, container] : told_) EXPECT_NE(container, one);
      EXPECT_EQ(spawn(5000).value(), one);
    }
  }
}

TEST_F(InterestOf, unbinds_one_who_is_removed) {
  open();
  const ObserverId one = add(100);
  update();
  streamer_->remove_observer(one);
  const FrameEvents events = update();
  ASSERT_EQ(events.unbound.size(), 1u);
  EXPECT_EQ(events.unbound[0].observer, one);
  EXPECT_TRUE(told_.empty());
}

TEST_F(InterestOf, is_empty_where_nobody_asked_for_it) {
  device_.emplace(SimDeviceOptions{.model = *find_device_model("ideal"), .faults = {}});
  auto streamer = Streamer::create({.memory_budget = 1_MiB, .device = &*device_});
  ASSERT_TRUE(streamer);
  ASSERT_TRUE(
      streamer->mount({.tables = &world_.tables, .file = device_->add_memory_file(world_.file)}));
  const ObserverId one =
      streamer->add_observer({.motion = {.position = {}, .velocity = {}}}, now_).value();
  EXPECT_TRUE(streamer->update(now_).bound.empty());
  EXPECT_TRUE(streamer->interest_of(one).empty());
}

// Walkers to and fro, some of whom leave and come; a container is bound by what the hysteresis
// says.
TEST_F(InterestOf, adds_up_to_what_a_look_at_every_pair_says) {
  open({.wanted_per_observer_max = 16, .binds_max = 64});
  struct Walker {
    ObserverId id;
    double x = 0;
    double speed = 0;
  };
  Prng prng(11);
  std::vector<Walker> walkers;
  Pairs truth;
  std::size_t most = 0;
  for (int frame = 0; frame < 2000; ++frame) {
    if (walkers.size() < 20 && prng.chance(0.1)) {
      walkers.push_back({.id = {}, .x = prng.between(0, 1100), .speed = prng.between(-40, 40)});
      walkers.back().id = add(walkers.back().x);
    } else if (walkers.size() > 2 && prng.chance(0.01)) {
      const ObserverId gone = walkers[0].id;
      streamer_->remove_observer(gone);
      std::erase_if(truth, [&](const auto& pair) { return pair.first == gone; });
      walkers.erase(walkers.begin());
    }
    for (Walker& walker : walkers) {
      walker.x += walker.speed * kFrame.seconds();
      if (prng.chance(0.02)) walker.speed = prng.between(-40, 40);
      move(walker.id, walker.x);
      for (std::uint32_t room = 0; room < 12; ++room) {
        const double distance = std::abs(walker.x - 100.0 * room);
        const std::pair pair{walker.id, world_.room(room)};
        if (distance <= kLoad) truth.insert(pair);
        if (distance > kLeave) truth.erase(pair);
      }
    }
    update();
    ASSERT_EQ(told_, truth) << "frame " << frame;
    most = std::max(most, told_.size());
    for (const Walker& walker : walkers) {
      for (const ContainerId id : streamer_->interest_of(walker.id)) {
        ASSERT_TRUE(told_.contains({walker.id, id}));
      }
    }
  }
  EXPECT_GT(most, 3u);
}

}  // namespace
}  // namespace nf
