#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/prng.h"
#include "core/base/sparse_bits.h"
#include "tests/unit/core/interest/stage.h"

namespace nf {
namespace {

using test::NewContainer;
using test::sphere_at;
using test::Stage;

constexpr std::uint32_t kContainers = 500;  // on a line, 10 m apart
constexpr std::uint32_t kWalkers = 12;

std::vector<NewContainer> make_line() {
  std::vector<NewContainer> containers{NewContainer{}};
  for (std::uint32_t i = 1; i < kContainers; ++i) {
    containers.push_back(sphere_at({i * 10.0, 0, 0}, 3, 40));
  }
  return containers;
}

// Walkers on the line, one intent, and somebody who remembers what it was told.
struct Crowd {
  explicit Crowd(std::uint64_t seed, const InterestOptions& options, float scale_of_odd = 1)
      : prng(seed),
        stage(make_line(), options),
        told(std::move(SparseBits::make(kContainers).value())),
        inside(std::move(SparseBits::make(kContainers).value())) {
    for (std::uint32_t i = 0; i < kWalkers; ++i) {
      places.push_back(prng.between(0, kContainers * 10));
      ids.push_back(stage.add({places.back(), 0, 0}, i % 2 == 0 ? 1 : scale_of_odd));
    }
    NF_ASSERT(stage.interest.intend(ids[0], {.body = kRootBody,
                                             .position = {kContainers * 5.0, 0, 0},
                                             .velocity = {},
                                             .arrives_at = stage.now + Duration{1'000'000'000},
                                             .probability = 1}));
  }

  void walk() {
    for (std::uint32_t i = 0; i < kWalkers; ++i) {
      if (prng.chance(0.5)) continue;  // some lists stay as they are
      places[i] += prng.chance(0.05) ? prng.between(-500, 500) : 0.5;
      stage.move(ids[i], {places[i], 0, 0}, {30, 0, 0});
    }
    stage.now = stage.now + test::kFrame;
  }

  Prng prng;
  Stage stage;
  SparseBits told, inside;  // some of what was wanted, and of that what was inside
  std::vector<ObserverId> ids;
  std::vector<double> places;
};

bool same(const Wanted& a, const Wanted& b) {
  return a.id == b.id && a.needed_at == b.needed_at && a.probability == b.probability &&
         a.observers == b.observers && a.inside == b.inside && a.keep_only == b.keep_only &&
         a.by_intent == b.by_intent;
}

// Whoever applies what it is told to what is settled knows all there is to know; `left_out` counts
// what it was not told.
void expect_nothing_hidden(Crowd& crowd, std::uint64_t& left_out) {
  Stage& stage = crowd.stage;
  const std::span<const Wanted> found = stage.interest.find_wanted(
      stage.world, stage.now, {crowd.told.words(), crowd.inside.words()});
  const std::vector<Wanted> told(found.begin(), found.end());
  stage.world.forget_changes();
  std::vector<bool> wanted_now(kContainers);
  for (std::uint32_t id = 0; id < kContainers; ++id) {
    wanted_now[id] = (stage.interest.wanted_word(id / 64) >> (id % 64) & 1) != 0;
  }
  std::size_t at = 0;
  for (const Wanted& wanted : stage.interest.all_wanted()) {
    ASSERT_TRUE(wanted_now[wanted.id.value]);
    wanted_now[wanted.id.value] = false;
    if (at < told.size() && told[at].id == wanted.id) {
      ASSERT_TRUE(same(told[at++], wanted)) << wanted.id.value;
      continue;
    }
    ++left_out;
    ASSERT_TRUE(crowd.told.holds(wanted.id.value)) << wanted.id.value;
    ASSERT_EQ(crowd.inside.holds(wanted.id.value), wanted.inside) << wanted.id.value;
    ASSERT_FALSE(wanted.by_intent);
  }
  ASSERT_EQ(at, told.size());
  for (std::uint32_t id = 0; id < kContainers; ++id) {
    ASSERT_FALSE(wanted_now[id]) << id;
    if (crowd.prng.chance(0.1)) crowd.told.set(id, false);  // evicted, say
  }
  for (const Wanted& wanted : told) {
    crowd.told.set(wanted.id.value, !wanted.by_intent);
    crowd.inside.set(wanted.id.value, wanted.inside);
  }
}

TEST(Settled, leaves_out_only_what_has_not_changed) {
  std::uint64_t left_out = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Crowd crowd(seed, {.intents_max = 1});
    for (int frame = 0; frame < 200; ++frame) {
      ASSERT_NO_FATAL_FAILURE(expect_nothing_hidden(crowd, left_out)) << seed << ", " << frame;
      crowd.walk();
    }
  }
  EXPECT_GT(left_out, 50'000u);
}

// Whoever goes in between has wanted it.
TEST(Settled, leaves_all_that_was_wanted_as_it_was_until_it_is_found_anew) {
  Stage stage(make_line());
  SparseBits told = std::move(SparseBits::make(kContainers).value());
  SparseBits inside = std::move(SparseBits::make(kContainers).value());
  for (const bool settles : {false, true}) {
    const ObserverId one = stage.add({1000, 0, 0});
    if (settles) {
      for (const Wanted& found : stage.find()) {
        told.set(found.id.value, true);
        inside.set(found.id.value, found.inside);
      }
      const Settled settled{told.words(), inside.words()};
      EXPECT_TRUE(stage.interest.find_wanted(stage.world, stage.now, settled).empty());
    } else {
      stage.find();
    }
    const std::span<const Wanted> all = stage.interest.all_wanted();
    const std::vector<Wanted> wanted(all.begin(), all.end());
    EXPECT_GT(wanted.size(), 5u);
    stage.interest.remove(one);
    const std::span<const Wanted> still = stage.interest.all_wanted();
    EXPECT_TRUE(std::equal(still.begin(), still.end(), wanted.begin(), wanted.end(), same));
    EXPECT_TRUE(stage.find().empty());
    EXPECT_TRUE(stage.interest.all_wanted().empty());
  }
}

// What is dropped is not wanted, and no bit says that it is.
TEST(Settled, hides_nothing_where_the_lists_are_cut) {
  std::uint64_t left_out = 0;
  Crowd crowd(3, {.wanted_max = 60, .intents_max = 1});
  for (int frame = 0; frame < 200; ++frame) {
    ASSERT_NO_FATAL_FAILURE(expect_nothing_hidden(crowd, left_out)) << frame;
    crowd.walk();
  }
  EXPECT_GT(crowd.stage.interest.stats().overflows, 100u);
}

TEST(Settled, hides_nothing_where_a_list_has_no_room_for_what_is_inside) {
  std::uint64_t left_out = 0;
  Crowd crowd(4, {.wanted_per_observer_max = 6, .intents_max = 1}, 0.4f);
  std::uint64_t dropped = 0;
  for (int frame = 0; frame < 200; ++frame) {
    ASSERT_NO_FATAL_FAILURE(expect_nothing_hidden(crowd, left_out)) << frame;
    dropped += crowd.stage.interest.dropped_inside().ids.size();
    crowd.walk();
  }
  EXPECT_GT(dropped, 1000u);
}

}  // namespace
}  // namespace nf
