#include "tools/predict/grid_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tools/predict/boxes.h"

namespace nf::predict {
namespace {

TEST(GridWorld, is_to_the_measure_of_the_mover) {
  const GridWorld world({.seed = 1, .vstar = 5, .flat = true});
  EXPECT_EQ(world.edge(0), 10);
  EXPECT_EQ(world.edge(1), 30);
  EXPECT_EQ(world.edge(2), 100);
  EXPECT_EQ(world.reach(0), 20);
  EXPECT_EQ(world.reach(2), 120);
}

TEST(GridWorld, has_each_place_in_the_box_of_its_cell) {
  for (const bool flat : {false, true}) {
    const GridWorld world({.seed = 1, .vstar = 3, .flat = flat});
    for (const WorldPosition place : {WorldPosition{-7, 1000, 35}, WorldPosition{0, 0, 0}}) {
      for (std::uint32_t level = 0; level < kGridLevels; ++level) {
        EXPECT_EQ(distance_to(world.box(world.cell_at(level, place)), place), 0);
      }
    }
  }
}

TEST(GridWorld, is_a_function_of_its_seed) {
  const GridWorld a({.seed = 1, .vstar = 1, .flat = true});
  const GridWorld same({.seed = 1, .vstar = 1, .flat = true});
  const GridWorld other({.seed = 2, .vstar = 1, .flat = true});
  int differing = 0;
  for (std::int64_t x = -50; x < 50; ++x) {
    const GridCell cell{.level = 1, .x = x, .y = -x, .z = 0};
    EXPECT_EQ(a.bytes(cell), same.bytes(cell));
    differing += a.bytes(cell) != other.bytes(cell) ? 1 : 0;
  }
  EXPECT_GT(differing, 50);
}

TEST(GridWorld, has_sizes_around_its_medians_and_empty_boxes) {
  const GridWorld world({.seed = 1, .vstar = 1, .flat = true});
  for (std::uint32_t level = 0; level < kGridLevels; ++level) {
    std::vector<double> sizes;
    int empty = 0;
    for (std::int64_t x = 0; x < 200; ++x) {
      for (std::int64_t y = 0; y < 200; ++y) {
        const double bytes = world.bytes({.level = level, .x = x, .y = y, .z = 0});
        if (bytes > 0) {
          sizes.push_back(bytes);
        } else {
          ++empty;
        }
      }
    }
    std::sort(sizes.begin(), sizes.end());
    const double median = sizes[sizes.size() / 2];
    EXPECT_GT(median, 0.75 * kGridShape[level].bytes_median);
    EXPECT_LT(median, 1.35 * kGridShape[level].bytes_median);
    EXPECT_GT(empty, 40000 / 20);
    EXPECT_LT(empty, 40000 / 2);
  }
}

TEST(GridWorld, is_smooth_in_density) {
  const GridWorld world({.seed = 1, .vstar = 1, .flat = false});
  for (double x = -300; x < 300; x += 1) {
    const double here = world.density({x, 5, 9}), there = world.density({x + 1, 5, 9});
    EXPECT_GE(here, 0);
    EXPECT_LE(here, 1);
    EXPECT_LT(std::abs(here - there), 0.1);
  }
}

TEST(FirstContact, is_when_a_straight_way_comes_near) {
  const WorldBox box{{10, -1, 0}, {12, 1, 0}};
  const Straight way{.from = {0, 0, 0}, .velocity = {2, 0, 0}, .speed = 2};
  EXPECT_NEAR(first_contact(way, box, 4, 10), 3, 0.01);
  EXPECT_LT(first_contact(way, box, 4, 2.9), 0);  // not that soon
  const Straight off{.from = {0, 0, 0}, .velocity = {-2, 0, 0}, .speed = 2};
  EXPECT_LT(first_contact(off, box, 4, 100), 0);
  EXPECT_EQ(first_contact(off, box, 10, 100), 0);  // is near already
  const Straight still{.from = {0, 0, 0}, .velocity = {}, .speed = 0};
  EXPECT_LT(first_contact(still, box, 4, 100), 0);
}

}  // namespace
}  // namespace nf::predict
