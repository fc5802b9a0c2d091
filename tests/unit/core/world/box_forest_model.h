// What the tests of BoxForest compare it with: a list of all leaves that every query scans whole,
// and a probe that looks at nodes and says what is wrong with a tree. One thread; a Model owns its
// forest, a probe borrows one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/prng.h"
#include "core/world/box_forest.h"
#include "core/world/vector_math.h"

namespace nf {

// Looks at what no caller of a forest sees.
class BoxForestProbe {
 public:
  explicit BoxForestProbe(const BoxForest& forest) : forest_(forest) {}

  // What is wrong with a tree; nothing if it is as it should be. Counts its leaves.
  std::optional<std::string> fault(std::uint32_t tree, std::uint32_t& leaves) const {
    leaves = 0;
    const std::uint32_t root = forest_.roots_[tree];
    if (root == BoxForest::kNone) return {};
    if (root % 2 != 0) return "the root is not side 0";
    if (forest_.above(root) != BoxForest::kNone) return "something is above the root";
    return fault_below(tree, root, leaves);
  }

  std::uint32_t height(std::uint32_t tree) const { return forest_.height(forest_.roots_[tree]); }

  // How many entries a query compares itself with.
  std::uint32_t compared(std::uint32_t tree, const WorldBox& box) const {
    const std::uint32_t root = forest_.roots_[tree];
    return root == BoxForest::kNone ? 0 : compared_below(root, box);
  }

  // Pairs neither free nor never taken.
  std::uint32_t pairs_in_use() const {
    std::uint32_t count = forest_.pairs_used_;
    for (std::uint32_t pair = forest_.free_; pair != BoxForest::kNone;
         pair = forest_.pairs_[pair].above) {
      --count;
    }
    return count;
  }

 private:
  std::optional<std::string> fault_below(std::uint32_t tree, std::uint32_t slot,
                                         std::uint32_t& leaves) const {
    const std::uint32_t below = forest_.below(slot);
    if (forest_.height(slot) == 0) {
      ++leaves;
      if (forest_.slot_of_leaf_[below] != slot) return "a leaf does not know its slot";
      if (forest_.tree_of_leaf_[below] != tree) return "a leaf is in another tree";
      return {};
    }
    if (forest_.pairs_[below].above != slot) return "children do not know their parent";
    const std::uint32_t left = forest_.child(slot, 0);
    const std::uint32_t right = forest_.child(slot, 1);
    const std::uint32_t low = std::min(forest_.height(left), forest_.height(right));
    const std::uint32_t high = std::max(forest_.height(left), forest_.height(right));
    if (forest_.height(slot) != high + 1) return "a height is wrong";
    if (high > low + 1) return "siblings differ in height by more than one";
    const BoxForest::Entry& a = forest_.entry_at(left);
    const BoxForest::Entry& b = forest_.entry_at(right);
    const BoxForest::Entry& around = forest_.entry_at(slot);
    for (const auto axis : {&WorldPosition::x, &WorldPosition::y, &WorldPosition::z}) {
      if (around.box.low.*axis != std::min(a.box.low.*axis, b.box.low.*axis) ||
          around.box.high.*axis != std::max(a.box.high.*axis, b.box.high.*axis)) {
        return "a box is not the one around its children";
      }
    }
    if (around.load_distance != std::max(a.load_distance, b.load_distance)) {
      return "a load distance is not the largest of its children's";
    }
    if (const auto found = fault_below(tree, left, leaves)) return found;
    return fault_below(tree, right, leaves);
  }

  std::uint32_t compared_below(std::uint32_t slot, const WorldBox& box) const {
    if (!boxes_touch(forest_.entry_at(slot).box, box) || forest_.height(slot) == 0) return 1;
    return 1 + compared_below(forest_.child(slot, 0), box) +
           compared_below(forest_.child(slot, 1), box);
  }

  const BoxForest& forest_;
};

namespace test {

using Entry = BoxForest::Entry;

inline WorldBox cube(WorldPosition center, double half) {
  return {{center.x - half, center.y - half, center.z - half},
          {center.x + half, center.y + half, center.z + half}};
}

inline std::vector<std::uint32_t> found_in(const BoxForest& forest, std::uint32_t tree,
                                           const IndexQuery& query) {
  std::vector<std::uint32_t> found;
  forest.visit(tree, query, [&found](std::uint32_t leaf) { found.push_back(leaf); });
  return found;
}

inline constexpr IndexQuery kEverywhere{.box = {{-1e300, -1e300, -1e300}, {1e300, 1e300, 1e300}}};

// A tree of leaves whose siblings differ by one at most, as deep as it can be, has the leaves of a
// Fibonacci tree.
inline std::uint32_t height_max(std::uint32_t leaves) {
  std::uint64_t fewest = 1, next = 2;
  std::uint32_t height = 0;
  for (; next <= leaves; ++height) next = std::exchange(fewest, next) + next;
  return height;
}

inline void expect_whole(const BoxForest& forest, std::uint32_t tree,
                         std::uint32_t leaves_expected) {
  std::uint32_t leaves = 0;
  const std::optional<std::string> fault = BoxForestProbe(forest).fault(tree, leaves);
  ASSERT_FALSE(fault.has_value()) << *fault;
  ASSERT_EQ(leaves, leaves_expected);
  ASSERT_EQ(forest.empty(tree), leaves == 0);
  if (leaves == 0) return;
  ASSERT_LE(BoxForestProbe(forest).height(tree), height_max(leaves));
}

// Where leaves are put, from one kind of world to another.
struct Shape {
  const char* name;
  double width;         // of the world, either side of the origin
  double half_min = 0;  // of boxes
  double half_max = 0;  // as often each order of magnitude between
  double grid = 0;      // coordinates are multiples of it: equal ones and equal boxes
  int axes = 3;         // on which places differ
};

inline constexpr Shape kShapes[] = {
    {.name = "rooms", .width = 1e3, .half_min = 1, .half_max = 10},
    {.name = "nine orders of magnitude", .width = 1e12, .half_min = 1e3, .half_max = 1e12},
    {.name = "far away", .width = 1e18, .half_min = 1, .half_max = 1e17},
    {.name = "as far as it goes", .width = 1e20, .half_min = 1e-3, .half_max = 1e19},
    {.name = "points", .width = 100},
    {.name = "equal ones", .width = 3, .half_min = 1, .half_max = 1, .grid = 2},
    {.name = "all in one place", .width = 0, .half_min = 5, .half_max = 5},
    {.name = "on a line", .width = 1e6, .axes = 1},
    {.name = "on a plane", .width = 1e6, .half_min = 10, .half_max = 10, .grid = 100, .axes = 2},
};

inline double half_of(Prng& prng, const Shape& shape) {
  if (shape.half_max == 0) return 0;
  return shape.half_min * std::pow(shape.half_max / shape.half_min, prng.unit());
}

inline WorldPosition place_of(Prng& prng, const Shape& shape) {
  WorldPosition at;
  int axis = 0;
  for (const auto coordinate : {&WorldPosition::x, &WorldPosition::y, &WorldPosition::z}) {
    if (axis++ == shape.axes) break;
    at.*coordinate = prng.between(-shape.width, shape.width);
    if (shape.grid > 0) at.*coordinate = std::floor(at.*coordinate / shape.grid) * shape.grid;
  }
  return at;
}

inline Entry entry_of(Prng& prng, const Shape& shape) {
  const double half = half_of(prng, shape);
  WorldBox box = cube(place_of(prng, shape), half);
  if (prng.chance(0.3)) box.high.x += half * prng.between(0, 10);  // not all are cubes
  const double load = prng.chance(0.2) ? 0 : (half + 1) * prng.between(0, 3);
  return {.box = box, .load_distance = static_cast<float>(load)};
}

// The forest, and beside it a list that is easy to trust.
class Model {
 public:
  static constexpr std::uint32_t kTrees = 3;

  Model(std::uint64_t seed, const Shape& shape) : prng_(seed), shape_(shape) {
    EXPECT_TRUE(forest_.reserve(8, kTrees).has_value());
    leaves_.resize(8);
  }

  // `growing` is how likely it is that something comes rather than goes.
  void step(double growing) {
    if (prng_.chance(0.01) && leaves_.size() < 150) make_room();
    const auto leaf = static_cast<std::uint32_t>(prng_.below(leaves_.size()));
    Listed& listed = leaves_[leaf];
    if (!listed.held) {
      if (!prng_.chance(growing)) return;
      // Most are in one tree, so that one is deep.
      const bool crowded = prng_.chance(0.8);
      listed = {.held = true,
                .tree = crowded ? 0 : static_cast<std::uint32_t>(prng_.below(kTrees)),
                .entry = entry_of(prng_, shape_)};
      forest_.insert(listed.tree, leaf, listed.entry);
    } else if (prng_.chance((1 - growing) * 0.4)) {
      listed.held = false;
      forest_.remove(leaf);
    } else {
      change(leaf);
    }
  }

  void compare() {
    for (std::uint32_t tree = 0; tree < kTrees; ++tree) {
      std::uint32_t count = 0;
      for (const Listed& listed : leaves_) count += listed.held && listed.tree == tree ? 1 : 0;
      ASSERT_NO_FATAL_FAILURE(expect_whole(forest_, tree, count));
      ASSERT_NO_FATAL_FAILURE(compare_query(tree));
    }
    const auto leaf = static_cast<std::uint32_t>(prng_.below(leaves_.size()));
    ASSERT_EQ(forest_.holds(leaf), leaves_[leaf].held);
    if (!leaves_[leaf].held) return;
    ASSERT_EQ(forest_.tree_of(leaf), leaves_[leaf].tree);
    ASSERT_EQ(forest_.entry(leaf).box.low.x, leaves_[leaf].entry.box.low.x);
    ASSERT_EQ(forest_.entry(leaf).box.high.z, leaves_[leaf].entry.box.high.z);
    ASSERT_EQ(forest_.entry(leaf).load_distance, leaves_[leaf].entry.load_distance);
  }

  std::uint32_t pairs_in_use() const { return BoxForestProbe(forest_).pairs_in_use(); }
  std::uint32_t held_count() const {
    return static_cast<std::uint32_t>(
        std::count_if(leaves_.begin(), leaves_.end(), [](const Listed& l) { return l.held; }));
  }

 private:
  struct Listed {
    bool held = false;
    std::uint32_t tree = 0;
    Entry entry;
  };

  void make_room() {
    const std::size_t more = leaves_.size() + 1 + prng_.below(40);
    ASSERT_TRUE(forest_.reserve(static_cast<std::uint32_t>(more), kTrees).has_value());
    leaves_.resize(more);
  }

  // Far, a little, only its size, only its load distance, or not at all.
  void change(std::uint32_t leaf) {
    Entry& entry = leaves_[leaf].entry;
    const double half = half_of(prng_, shape_);
    switch (prng_.below(5)) {
      case 0: entry = entry_of(prng_, shape_); break;
      case 1: {
        const WorldVector way{half * prng_.between(-1, 1), half * prng_.between(-1, 1), 0};
        entry.box = {entry.box.low + way, entry.box.high + way};
        break;
      }
      case 2: entry.box = cube(entry.box.low, half); break;
      case 3: entry.load_distance = static_cast<float>(half * prng_.between(0, 5)); break;
      default: break;
    }
    forest_.change(leaf, entry);
  }

  void compare_query(std::uint32_t tree) {
    const double half = prng_.chance(0.1) ? shape_.width : half_of(prng_, shape_) * 2;
    const IndexQuery query{.box = cube(place_of(prng_, shape_), half),
                           .reach_scale = static_cast<float>(prng_.between(0.5, 3))};
    std::vector<std::uint32_t> expected;
    for (std::uint32_t leaf = 0; leaf < leaves_.size(); ++leaf) {
      const Listed& listed = leaves_[leaf];
      if (!listed.held || listed.tree != tree) continue;
      const double margin = std::max(0.0, static_cast<double>(query.reach_scale) - 1) *
                            static_cast<double>(listed.entry.load_distance);
      WorldBox reach = listed.entry.box;
      reach.low = reach.low + WorldVector{-margin, -margin, -margin};
      reach.high = reach.high + WorldVector{margin, margin, margin};
      if (boxes_touch(reach, query.box)) expected.push_back(leaf);
    }
    std::vector<std::uint32_t> found = found_in(forest_, tree, query);
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found, expected);
  }

  Prng prng_;
  Shape shape_;
  BoxForest forest_;
  std::vector<Listed> leaves_;
};

}  // namespace test
}  // namespace nf
