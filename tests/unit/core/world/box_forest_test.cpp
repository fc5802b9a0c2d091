#include "core/world/box_forest.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/world/vector_math.h"
#include "tests/unit/core/world/box_forest_model.h"

namespace nf {
namespace {

using test::cube;
using test::Entry;
using test::entry_of;
using test::expect_whole;
using test::found_in;
using test::kEverywhere;
using test::kShapes;
using test::Model;
using test::Shape;

TEST(BoxForest, agrees_with_a_list_after_any_sequence_of_calls) {
  constexpr int kSteps = 6000;
  constexpr int kTide = 1500;  // steps for which it grows, then shrinks
  std::uint64_t seed = 1;
  for (const Shape& shape : kShapes) {
    Model model(seed++, shape);
    std::uint32_t most = 0;
    for (int i = 0; i < kSteps; ++i) {
      model.step(i / kTide % 2 == 0 ? 0.9 : 0.1);
      ASSERT_NO_FATAL_FAILURE(model.compare()) << shape.name << ", step " << i;
      ASSERT_EQ(model.pairs_in_use(), model.held_count()) << shape.name << ", step " << i;
      most = std::max(most, model.held_count());
    }
    EXPECT_GT(most, 100u) << shape.name;
  }
}

TEST(BoxForest, finds_nothing_in_an_empty_tree) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(1, 2).has_value());
  EXPECT_TRUE(forest.empty(0));
  EXPECT_TRUE(forest.empty(1));
  EXPECT_FALSE(forest.holds(0));
  EXPECT_TRUE(found_in(forest, 1, kEverywhere).empty());
}

TEST(BoxForest, holds_a_tree_of_one_leaf) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(6, 2).has_value());
  forest.insert(1, 5, {.box = cube({1, 2, 3}, 1), .load_distance = 4});
  EXPECT_TRUE(forest.holds(5));
  EXPECT_EQ(forest.tree_of(5), 1u);
  EXPECT_TRUE(forest.empty(0));
  EXPECT_EQ(forest.all(1).load_distance, 4);
  EXPECT_EQ(found_in(forest, 1, {.box = cube({1, 2, 3}, 0)}), std::vector<std::uint32_t>{5});
  EXPECT_TRUE(found_in(forest, 1, {.box = cube({9, 2, 3}, 0)}).empty());

  forest.change(5, {.box = cube({9, 2, 3}, 1), .load_distance = 2});
  EXPECT_EQ(forest.all(1).box.low.x, 8);
  EXPECT_EQ(forest.all(1).load_distance, 2);
  EXPECT_EQ(found_in(forest, 1, {.box = cube({9, 2, 3}, 0)}), std::vector<std::uint32_t>{5});

  forest.remove(5);
  EXPECT_TRUE(forest.empty(1));
  EXPECT_FALSE(forest.holds(5));
  EXPECT_EQ(BoxForestProbe(forest).pairs_in_use(), 0u);
}

TEST(BoxForest, counts_a_touching_face_as_found_and_widens_by_the_load_distance) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(3, 1).has_value());
  forest.insert(0, 0, {.box = cube({}, 1), .load_distance = 10});
  forest.insert(0, 1, {.box = cube({100, 0, 0}, 1)});
  forest.insert(0, 2, {.box = cube({-100, 0, 0}, 1), .load_distance = 1});
  const auto found = [&forest](double x, float scale) {
    return found_in(forest, 0, {.box = cube({x, 0, 0}, 1), .reach_scale = scale});
  };
  const std::vector<std::uint32_t> first{0};
  EXPECT_EQ(found(2, 1), first);
  EXPECT_TRUE(found(2.001, 1).empty());
  EXPECT_EQ(found(12, 2), first);
  EXPECT_TRUE(found(12.001, 2).empty());
  EXPECT_TRUE(found(2.001, 0.5).empty());  // a smaller bubble does not shrink what is needed
}

TEST(BoxForest, takes_a_leaf_again_into_another_tree) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(4, 2).has_value());
  for (std::uint32_t leaf = 0; leaf < 4; ++leaf) {
    forest.insert(0, leaf, {.box = cube({leaf * 10.0, 0, 0}, 1)});
  }
  forest.remove(2);
  forest.insert(1, 2, {.box = cube({5, 0, 0}, 1)});
  EXPECT_EQ(forest.tree_of(2), 1u);
  EXPECT_EQ(found_in(forest, 1, kEverywhere), std::vector<std::uint32_t>{2});
  EXPECT_EQ(found_in(forest, 0, kEverywhere).size(), 3u);
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, 3));
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 1, 1));
}

TEST(BoxForest, changes_a_leaf_to_what_it_already_is) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(100, 1).has_value());
  Prng prng(8);
  for (std::uint32_t leaf = 0; leaf < 100; ++leaf) {
    forest.insert(0, leaf, entry_of(prng, kShapes[0]));
  }
  const std::vector<std::uint32_t> before = found_in(forest, 0, kEverywhere);
  for (std::uint32_t leaf = 0; leaf < 100; ++leaf) forest.change(leaf, forest.entry(leaf));
  EXPECT_EQ(found_in(forest, 0, kEverywhere), before);
  // Another's entry is a reference into the forest that is about to change.
  for (std::uint32_t leaf = 0; leaf < 99; ++leaf) {
    const Entry other = forest.entry(leaf + 1);
    forest.change(leaf, forest.entry(leaf + 1));
    ASSERT_EQ(forest.entry(leaf).box.low.x, other.box.low.x);
    ASSERT_EQ(forest.entry(leaf).box.high.z, other.box.high.z);
    ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, 100));
  }
}

TEST(BoxForest, stays_shallow_whatever_the_order_of_thousands) {
  constexpr std::uint32_t kLeaves = 10'000;
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(kLeaves, 1).has_value());
  // Sorted, each larger than the last and around it: a tree without rotations would be a list.
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    const double half = leaf % 2 == 0 ? leaf : 1;
    forest.insert(0, leaf, {.box = cube({static_cast<double>(leaf), 0, 0}, half)});
    if (leaf % 97 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, leaf + 1));
  }
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, kLeaves));
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    forest.remove(leaf);
    if (leaf % 97 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, kLeaves - leaf - 1));
  }
  EXPECT_TRUE(forest.empty(0));
}

TEST(BoxForest, finds_all_of_thousands_of_equal_boxes) {
  constexpr std::uint32_t kLeaves = 5000;
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(kLeaves, 1).has_value());
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    forest.insert(0, leaf, {.box = cube({7, 8, 9}, 1), .load_distance = 1});
  }
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, kLeaves));
  EXPECT_EQ(found_in(forest, 0, {.box = cube({7, 8, 9}, 0)}).size(), kLeaves);
  for (std::uint32_t leaf = 0; leaf < kLeaves; leaf += 2) {
    forest.change(leaf, {.box = cube({-7, 8, 9}, 1)});
  }
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, kLeaves));
  EXPECT_EQ(found_in(forest, 0, {.box = cube({-7, 8, 9}, 0)}).size(), kLeaves / 2);
}

TEST(BoxForest, has_as_much_room_as_was_reserved_however_it_is_divided) {
  constexpr std::uint32_t kLeaves = 300;
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(kLeaves, kLeaves).has_value());
  Prng prng(3);
  for (const std::uint32_t trees : {1u, 2u, kLeaves, 7u, 1u}) {
    for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
      forest.insert(leaf % trees, leaf, entry_of(prng, kShapes[0]));
    }
    EXPECT_EQ(BoxForestProbe(forest).pairs_in_use(), kLeaves);
    for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) forest.remove(leaf);
    EXPECT_EQ(BoxForestProbe(forest).pairs_in_use(), 0u);
  }
}

TEST(BoxForest, keeps_what_is_there_when_it_grows_or_cannot) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(50, 2).has_value());
  Prng prng(4);
  for (std::uint32_t leaf = 0; leaf < 50; ++leaf) {
    forest.insert(leaf % 2, leaf, entry_of(prng, kShapes[0]));
  }
  const std::vector<std::uint32_t> before = found_in(forest, 1, kEverywhere);
  ASSERT_TRUE(forest.reserve(10, 1).has_value());  // less than there is
  EXPECT_EQ(found_in(forest, 1, kEverywhere), before);
  EXPECT_EQ(forest.reserve(~0u, 4).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(found_in(forest, 1, kEverywhere), before);
  ASSERT_TRUE(forest.reserve(50, 40'000).has_value());
  ASSERT_TRUE(forest.reserve(40'000, 3).has_value());
  EXPECT_EQ(found_in(forest, 1, kEverywhere), before);
  EXPECT_FALSE(forest.holds(39'999));
  EXPECT_TRUE(forest.empty(39'999));
  for (std::uint32_t leaf = 50; leaf < 1000; ++leaf) {
    forest.insert(1, leaf, entry_of(prng, kShapes[0]));
  }
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, 25));
  ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 1, 975));
}

// Calls of one seed, on boxes that are `scale` times as large and as far apart.
std::vector<std::uint32_t> order_after_calls(BoxForest& forest, double scale, bool grow_late) {
  constexpr std::uint32_t kLeaves = 400;
  EXPECT_TRUE(forest.reserve(grow_late ? 1 : kLeaves, grow_late ? 1 : 9).has_value());
  Prng prng(6);
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    const std::uint32_t leaves = grow_late ? leaf + 1 : kLeaves;
    EXPECT_TRUE(forest.reserve(leaves, 1 + leaf / 100).has_value());
    Entry entry = entry_of(prng, {.name = "", .width = 0.5, .half_min = 1e-9, .half_max = 0.4});
    entry.box = {WorldPosition{} + (entry.box.low - WorldPosition{}) * scale,
                 WorldPosition{} + (entry.box.high - WorldPosition{}) * scale};
    forest.insert(0, leaf, entry);
    const auto other = static_cast<std::uint32_t>(prng.below(leaf + 1));
    if (forest.holds(other)) forest.change(other, entry);
    if (leaf % 7 == 0) forest.remove(leaf);
  }
  return found_in(forest, 0, kEverywhere);
}

TEST(BoxForest, gives_the_same_trees_for_the_same_calls) {
  BoxForest one, same, grown;
  const std::vector<std::uint32_t> order = order_after_calls(one, 1, false);
  EXPECT_EQ(order.size(), 400u - 58u);
  EXPECT_EQ(order_after_calls(same, 1, false), order);
  EXPECT_EQ(order_after_calls(grown, 1, true), order);
}

// A power of two rounds nothing, so that a surface that overflows or vanishes would show.
TEST(BoxForest, gives_the_same_trees_on_any_scale) {
  BoxForest one;
  const std::vector<std::uint32_t> order = order_after_calls(one, 1, false);
  for (const int exponent : {-40, -10, 10, 60, 66, 67, 300}) {
    BoxForest scaled;
    EXPECT_EQ(order_after_calls(scaled, std::ldexp(1.0, exponent), false), order) << exponent;
  }
}

TEST(BoxForest, survives_boxes_without_end) {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  constexpr double kLargest = std::numeric_limits<double>::max();
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(300, 1).has_value());
  Prng prng(9);
  for (std::uint32_t leaf = 0; leaf < 300; ++leaf) {
    Entry entry = entry_of(prng, kShapes[0]);
    if (leaf % 3 == 0) entry.box = cube({}, leaf % 2 == 0 ? kEndless : kLargest);
    if (leaf % 5 == 0) entry.load_distance = std::numeric_limits<float>::max();
    forest.insert(0, leaf, entry);
    forest.change(static_cast<std::uint32_t>(prng.below(leaf + 1)), entry_of(prng, kShapes[0]));
    ASSERT_NO_FATAL_FAILURE(expect_whole(forest, 0, leaf + 1));
  }
  EXPECT_EQ(found_in(forest, 0, {.box = cube({}, kEndless)}).size(), 300u);
  for (std::uint32_t leaf = 0; leaf < 300; ++leaf) forest.remove(leaf);
  EXPECT_TRUE(forest.empty(0));
}

// Ships of ten metres that wander for a long time through a space that is mostly empty.
TEST(BoxForest, compares_a_query_with_few_after_many_changes) {
  constexpr std::uint32_t kLeaves = 4096;
  constexpr double kWidth = 1e4;
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(kLeaves, 1).has_value());
  Prng prng(10);
  const auto anywhere = [&prng](double width) {
    return WorldPosition{prng.between(-width, width), prng.between(-width, width),
                         prng.between(-width, width)};
  };
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    forest.insert(0, leaf, {.box = cube(anywhere(kWidth), 10)});
  }
  const auto compared = [&] {
    std::uint64_t sum = 0;
    for (int i = 0; i < 1000; ++i) {
      sum += BoxForestProbe(forest).compared(0, cube(anywhere(kWidth), 10));
    }
    return static_cast<double>(sum) / 1000;
  };
  const double fresh = compared();
  for (int i = 0; i < 100'000; ++i) {
    const auto leaf = static_cast<std::uint32_t>(prng.below(kLeaves));
    const WorldBox& box = forest.entry(leaf).box;
    const WorldVector way = anywhere(300) - WorldPosition{};
    forest.change(leaf, {.box = {box.low + way, box.high + way}});
  }
  const double worn = compared();
  RecordProperty("compared_fresh", std::to_string(fresh));
  RecordProperty("compared_worn", std::to_string(worn));
  std::printf("entries compared with a query: %.1f fresh, %.1f worn\n", fresh, worn);
  EXPECT_LT(fresh, 32);
  EXPECT_LT(worn, 23);
}

// What jumps about among a few that enclose half of everything must not collect where it started.
TEST(BoxForest, compares_a_query_with_few_among_large_boxes) {
  constexpr std::uint32_t kLeaves = 4096;
  constexpr double kWidth = 3200;
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(kLeaves, 1).has_value());
  Prng prng(12);
  const auto entry = [&prng](std::uint32_t leaf) {
    const WorldPosition at{prng.between(-kWidth, kWidth), prng.between(-kWidth, kWidth),
                           prng.between(-kWidth, kWidth)};
    return Entry{.box = cube(at, leaf % 100 == 0 ? kWidth / 4 : prng.between(1, 50))};
  };
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) forest.insert(0, leaf, entry(leaf));
  for (int i = 0; i < 50'000; ++i) {
    const auto leaf = static_cast<std::uint32_t>(prng.below(kLeaves));
    forest.change(leaf, entry(leaf));
  }
  std::uint64_t sum = 0;
  for (int i = 0; i < 1000; ++i) sum += BoxForestProbe(forest).compared(0, entry(1).box);
  std::printf("entries compared with a query: %.1f\n", static_cast<double>(sum) / 1000);
  EXPECT_LT(static_cast<double>(sum) / 1000, 60);
}

TEST(BoxForest, allocates_in_reserve_only) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(2000, 4).has_value());
  Prng prng(11);
  std::uint64_t found = 0;
  const std::size_t before = mallinfo2().uordblks;
  for (std::uint32_t leaf = 0; leaf < 2000; ++leaf) {
    forest.insert(leaf % 4, leaf, entry_of(prng, kShapes[0]));
    forest.change(leaf / 2, entry_of(prng, kShapes[0]));
    forest.visit(leaf % 4, {.box = cube({}, 100)}, [&found](std::uint32_t) { ++found; });
    ASSERT_EQ(mallinfo2().uordblks, before);
  }
  for (std::uint32_t leaf = 0; leaf < 2000; ++leaf) forest.remove(leaf);
  EXPECT_EQ(mallinfo2().uordblks, before);
  EXPECT_GT(found, 0u);
}

TEST(BoxForestDeathTest, ends_the_process_when_it_is_used_wrongly) {
  BoxForest forest;
  ASSERT_TRUE(forest.reserve(3, 1).has_value());
  const Entry good{.box = cube({}, 1)};
  forest.insert(0, 0, good);
  EXPECT_DEATH(forest.insert(0, 0, good), "holds");
  EXPECT_DEATH(forest.insert(1, 1, good), "tree");
  EXPECT_DEATH(forest.insert(0, 3, good), "leaf");
  EXPECT_DEATH(forest.remove(1), "holds");
  EXPECT_DEATH(forest.change(1, good), "holds");
  EXPECT_DEATH(forest.insert(0, 1, {.box = cube({}, -1)}), "valid");
  EXPECT_DEATH(forest.change(0, {.box = cube({std::nan(""), 0, 0}, 1)}), "valid");
  for (const float load : {-1.0f, std::nanf(""), std::numeric_limits<float>::infinity()}) {
    EXPECT_DEATH(forest.change(0, {.box = cube({}, 1), .load_distance = load}), "valid");
  }
}

}  // namespace
}  // namespace nf
