// Who is bound to what, against a reckoning that keeps a hysteresis for every pair.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tests/unit/core/interest/allocations.h"
#include "tests/unit/core/interest/random_world.h"

namespace nf {
namespace {

using test::NewContainer;
using test::RandomActor;
using test::RandomWorld;
using test::sphere_at;
using test::Stage;

using Pairs = std::set<std::pair<std::uint64_t, std::uint32_t>>;

bool ascending(std::span<const Bind> binds) {
  return std::is_sorted(binds.begin(), binds.end(), [](const Bind& a, const Bind& b) {
    return a.observer != b.observer ? a.observer < b.observer : a.container < b.container;
  });
}

// All that was told, one after the other.
class Replay {
 public:
  void take(const InterestChanges& changes) {
    ASSERT_TRUE(ascending(changes.bound) && ascending(changes.unbound));
    for (const Bind& bind : changes.unbound) {
      ASSERT_EQ(pairs_.erase({bind.observer.value, bind.container.value}), 1u) << "not bound";
    }
    for (const Bind& bind : changes.bound) {
      ASSERT_TRUE(pairs_.insert({bind.observer.value, bind.container.value}).second) << "twice";
    }
  }
  const Pairs& pairs() const { return pairs_; }
  bool has(ObserverId observer, std::uint32_t container) const {
    return pairs_.contains({observer.value, container});
  }

 private:
  Pairs pairs_;
};

InterestOptions with_sets(std::uint32_t binds_max = 1u << 16) {
  return {.observers_max = 16, .refreshes_max = 2, .sets = true, .binds_max = binds_max};
}

void step(Stage& stage, Replay& replay) {
  stage.step();
  ASSERT_NO_FATAL_FAILURE(replay.take(stage.interest.tell_changes()));
}

TEST(InterestSets, bind_within_the_load_distance_and_let_go_beyond_the_hysteresis) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, with_sets());
  const ObserverId one = stage.add({120, 0, 0});
  Replay replay;
  const auto bound_at = [&](double x) {
    stage.move(one, {x, 0, 0});
    step(stage, replay);
    return replay.has(one, 1);
  };
  EXPECT_FALSE(bound_at(120));  // between load distance and hysteresis, come from outside
  EXPECT_TRUE(bound_at(109));
  EXPECT_TRUE(bound_at(124));
  EXPECT_FALSE(bound_at(126));
  EXPECT_FALSE(bound_at(124));
  EXPECT_TRUE(bound_at(0));
  ASSERT_EQ(stage.interest.set_of(one).size(), 1u);
  EXPECT_EQ(stage.interest.set_of(one)[0], ContainerId{1});
}

TEST(InterestSets, hold_nothing_that_is_only_foretold) {
  Stage stage({NewContainer{}, sphere_at({400, 0, 0}, 10, 100)}, with_sets());
  const ObserverId one = stage.add({0, 0, 0});
  Replay replay;
  bool foretold = false;
  for (int i = 0; i < 160; ++i) {
    stage.move(one, {i * 1.5, 0, 0}, {90, 0, 0});
    const bool wanted = stage.find(1) != nullptr;
    foretold |= wanted;
    step(stage, replay);
    EXPECT_FALSE(replay.has(one, 1));
  }
  EXPECT_TRUE(foretold);
}

TEST(InterestSets, unbind_all_from_one_who_is_removed_and_not_from_who_comes_after) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100), sphere_at({0, 0, 0}, 20, 100)},
              with_sets());
  const ObserverId gone = stage.add({0, 0, 0});
  Replay replay;
  step(stage, replay);
  EXPECT_EQ(replay.pairs().size(), 2u);
  stage.interest.remove(gone);
  const ObserverId next = stage.add({0, 0, 0});
  EXPECT_EQ(static_cast<std::uint32_t>(gone.value), static_cast<std::uint32_t>(next.value));
  step(stage, replay);
  EXPECT_EQ(replay.pairs(), (Pairs{{next.value, 1}, {next.value, 2}}));
  stage.interest.remove(next);
  stage.interest.remove(stage.add({0, 0, 0}));  // was told of nothing
  step(stage, replay);
  EXPECT_TRUE(replay.pairs().empty());
}

TEST(InterestSets, bear_that_many_come_and_go_between_two_frames) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, with_sets());
  Replay replay;
  for (int i = 0; i < 100; ++i) {
    const ObserverId one = stage.add({0, 0, 0});
    if (i % 7 == 0) step(stage, replay);
    stage.interest.remove(one);
  }
  const ObserverId last = stage.add({0, 0, 0});
  step(stage, replay);
  EXPECT_EQ(replay.pairs(), (Pairs{{last.value, 1}}));
}

TEST(InterestSets, cost_nothing_for_those_whose_lists_stay) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, with_sets());
  stage.add({0, 0, 0});
  EXPECT_EQ(stage.step().size(), 1u);
  EXPECT_EQ(stage.interest.tell_changes().bound.size(), 1u);
  for (int i = 0; i < 10; ++i) {
    stage.step();
    EXPECT_TRUE(stage.interest.tell_changes().bound.empty());
  }
}

TEST(InterestSets, are_empty_where_nobody_asked_for_them) {
  Stage stage({NewContainer{}, sphere_at({0, 0, 0}, 10, 100)}, {.observers_max = 16});
  const ObserverId one = stage.add({0, 0, 0});
  stage.step();
  EXPECT_TRUE(stage.interest.tell_changes().bound.empty());
  EXPECT_TRUE(stage.interest.set_of(one).empty());
}

TEST(InterestSets, refuse_a_frame_that_may_tell_nothing) {
  EXPECT_FALSE(Interest::create(with_sets(0)));
  EXPECT_TRUE(Interest::create({.sets = false, .binds_max = 0}));
}

std::vector<NewContainer> heap_of(std::uint32_t count) {
  std::vector<NewContainer> containers{NewContainer{}};
  while (containers.size() <= count) containers.push_back(sphere_at({0, 0, 0}, 10, 100));
  return containers;
}

TEST(InterestSets, tell_in_order_and_later_what_does_not_fit_in_a_frame) {
  Stage stage(heap_of(50), with_sets(7));
  std::vector<ObserverId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(stage.add({0, 0, 0}));
  Replay replay;
  Pairs expected;
  for (int i = 0; i < 29; ++i) {
    stage.step();
    const InterestChanges changes = stage.interest.tell_changes();
    EXPECT_EQ(changes.bound.size(), i < 28 ? 7u : 4u);
    for (const Bind& bind : changes.bound) {
      EXPECT_TRUE(expected.empty() ||
                  *expected.rbegin() < std::pair(bind.observer.value, bind.container.value));
      expected.insert({bind.observer.value, bind.container.value});
    }
    replay.take(changes);
  }
  EXPECT_EQ(replay.pairs().size(), 200u);
  // Who left before all was told, and whose slot was taken meanwhile.
  stage.interest.remove(ids[1]);
  ids[1] = stage.add({0, 0, 0});
  stage.interest.remove(ids[3]);
  for (int i = 0; i < 40; ++i) {
    if (i == 3) stage.move(ids[0], {1e6, 0, 0});
    if (i == 9) stage.interest.remove(ids[1]);
    step(stage, replay);
  }
  expected.clear();
  for (std::uint32_t id = 1; id <= 50; ++id) expected.insert({ids[2].value, id});
  EXPECT_EQ(replay.pairs(), expected);
}

TEST(InterestSets, state_an_overflow_and_stay_what_was_told) {
  Stage stage(
      heap_of(400),
      {.observers_max = 1, .wanted_per_observer_max = 64, .refreshes_max = 2, .sets = true});
  const ObserverId one = stage.add({0, 0, 0});
  Replay replay;
  for (int i = 0; i < 4; ++i) step(stage, replay);
  EXPECT_EQ(replay.pairs().size(), 64u);
  EXPECT_EQ(stage.interest.set_of(one).size(), 64u);
  EXPECT_GT(stage.interest.stats().overflows, 0u);
}

// ---- against a reckoning that keeps a hysteresis for every pair ----

class Reckoning {
 public:
  explicit Reckoning(std::uint64_t seed, std::uint32_t binds_max)
      : random_(seed, with_sets(binds_max)), told_at_once_(binds_max > 1000) {}

  void step(int frame) {
    random_.advance();
    if (random_.prng().below(50) == 0 && random_.actors().size() > 2) {
      const ObserverId id = random_.remove_actor();
      std::erase_if(truth_, [&](const auto& pair) { return pair.first == id.value; });
    }
    random_.stage().step();
    const InterestChanges changes = random_.stage().interest.tell_changes();
    ASSERT_NO_FATAL_FAILURE(replay_.take(changes));
    most_ = std::max({most_, changes.bound.size(), changes.unbound.size()});
    for (const RandomActor& actor : random_.actors()) {
      if (told_at_once_) look(actor);
      compare_set(actor);
    }
    if (told_at_once_) {
      ASSERT_EQ(replay_.pairs(), truth_) << "frame " << frame;
    }
  }

  // Until nothing more is told: what is left then is what is inside, and some of the ring.
  void settle() {
    for (int i = 0; i < 10000; ++i) {
      random_.stage().find();  // time stands still
      const InterestChanges changes = random_.stage().interest.tell_changes();
      ASSERT_NO_FATAL_FAILURE(replay_.take(changes));
      if (changes.bound.empty() && changes.unbound.empty()) break;
    }
    Pairs alive;
    for (const RandomActor& actor : random_.actors()) {
      for (std::uint32_t id = 0; id < random_.container_count(); ++id) {
        const double distance = random_.to_bounds(actor, id);
        const double load = random_.load_distance(actor, id);
        const bool bound = replay_.has(actor.id, id);
        EXPECT_TRUE(bound || distance > load - RandomWorld::kRounding);
        EXPECT_TRUE(!bound || distance < load * kHysteresis + RandomWorld::kRounding);
        if (bound) alive.insert({actor.id.value, id});
      }
    }
    EXPECT_EQ(replay_.pairs(), alive);  // of nobody else
  }

  std::size_t most() const { return most_; }
  std::uint64_t overflows() { return random_.stage().interest.stats().overflows; }

 private:
  static constexpr double kHysteresis = static_cast<double>(1.15f);

  void look(const RandomActor& actor) {
    for (std::uint32_t id = 0; id < random_.container_count(); ++id) {
      const double distance = random_.to_bounds(actor, id);
      const double load = random_.load_distance(actor, id);
      const std::pair pair{actor.id.value, id};
      const bool doubtful = std::abs(distance - load) < RandomWorld::kRounding ||
                            std::abs(distance - load * kHysteresis) < RandomWorld::kRounding;
      if (doubtful ? replay_.pairs().contains(pair) : distance <= load) {
        truth_.insert(pair);
      } else if (doubtful || distance > load * kHysteresis) {
        truth_.erase(pair);
      }
    }
  }

  void compare_set(const RandomActor& actor) {
    std::vector<std::uint32_t> told, kept;
    for (const auto& pair : replay_.pairs()) {
      if (pair.first == actor.id.value) told.push_back(pair.second);
    }
    for (const ContainerId id : random_.stage().interest.set_of(actor.id)) {
      kept.push_back(id.value);
    }
    ASSERT_EQ(told, kept);
  }

  RandomWorld random_;
  bool told_at_once_;
  Replay replay_;
  Pairs truth_;
  std::size_t most_ = 0;
};

TEST(InterestSets, agree_in_every_frame_with_a_look_at_every_pair) {
  for (std::uint64_t seed = 101; seed <= 112; ++seed) {
    SCOPED_TRACE(seed);
    Reckoning reckoning(seed, 1u << 16);
    for (int frame = 0; frame < 250; ++frame) {
      ASSERT_NO_FATAL_FAILURE(reckoning.step(frame));
    }
    EXPECT_EQ(reckoning.overflows(), 0u);
  }
}

TEST(InterestSets, lose_nothing_where_frames_can_tell_little) {
  for (std::uint64_t seed = 201; seed <= 212; ++seed) {
    SCOPED_TRACE(seed);
    Reckoning reckoning(seed, 2);
    for (int frame = 0; frame < 150; ++frame) {
      ASSERT_NO_FATAL_FAILURE(reckoning.step(frame));
    }
    ASSERT_NO_FATAL_FAILURE(reckoning.settle());
    EXPECT_EQ(reckoning.most(), 2u);
  }
}

}  // namespace
}  // namespace nf
