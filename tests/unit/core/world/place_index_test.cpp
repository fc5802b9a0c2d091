#include "core/world/place_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/base/prng.h"

namespace nf {
namespace {

WorldBox cube(WorldPosition center, double half) {
  const WorldVector reach{half, half, half};
  return {{center.x - half, center.y - half, center.z - half}, center + reach};
}

std::vector<IndexedPlace> random_boxes(Prng& prng, std::size_t count, double width,
                                       double size_max) {
  std::vector<IndexedPlace> places;
  for (std::uint32_t i = 0; i < count; ++i) {
    const WorldPosition at{prng.between(-width, width), prng.between(-width, width),
                           prng.between(-width, width)};
    const double half = std::pow(size_max, prng.unit());
    const auto load = static_cast<float>(half * prng.unit());
    places.push_back({.id = ContainerId{i}, .reach = cube(at, half), .load_distance = load});
  }
  return places;
}

std::vector<ContainerId> linear_scan(const std::vector<IndexedPlace>& places,
                                     const IndexQuery& query) {
  std::vector<ContainerId> found;
  for (const IndexedPlace& place : places) {
    const double margin = std::max(0.0, static_cast<double>(query.reach_scale) - 1) *
                          static_cast<double>(place.load_distance);
    WorldBox reach = place.reach;
    reach.low = reach.low + WorldVector{-margin, -margin, -margin};
    reach.high = reach.high + WorldVector{margin, margin, margin};
    if (boxes_touch(reach, query.box)) found.push_back(place.id);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ContainerId> find_in_portions(const PlaceIndex& index, const IndexQuery& query,
                                          std::size_t portion) {
  std::vector<ContainerId> all;
  std::vector<ContainerId> some(portion);
  std::size_t cursor = 0;
  std::size_t count = portion;
  while (count == portion) {
    count = index.find(query, some, cursor);
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(PlaceIndex, finds_nothing_when_it_is_empty) {
  PlaceIndex index;
  std::vector<ContainerId> found(4);
  EXPECT_EQ(index.find(cube({}, 1e18), found), 0u);
  index.build({});
  EXPECT_EQ(index.find(cube({}, 1e18), found), 0u);
}

// How much an index found over all queries, and how much of it in vain.
struct Found {
  std::size_t all = 0;
  std::size_t right = 0;
};

// Whatever touches is found, nothing is found twice, and portions change nothing.
void ask(const PlaceIndex& index, const std::vector<IndexedPlace>& places, const IndexQuery& query,
         Found& total) {
  const std::vector<ContainerId> found = find_in_portions(index, query, 2'000'000);
  const std::vector<ContainerId> right = linear_scan(places, query);
  ASSERT_TRUE(std::includes(found.begin(), found.end(), right.begin(), right.end()));
  ASSERT_EQ(std::adjacent_find(found.begin(), found.end()), found.end());
  ASSERT_EQ(find_in_portions(index, query, 7), found);
  total.all += found.size();
  total.right += right.size();
}

Found ask_around(const std::vector<IndexedPlace>& places, Prng& prng, double size_max,
                 double scale_max = 4) {
  PlaceIndex index;
  index.build(places);
  EXPECT_EQ(index.size(), places.size());
  Found total;
  for (int trial = 0; trial < 100; ++trial) {
    const WorldBox& near = places[prng.below(places.size())].reach;
    const double away = std::pow(size_max, prng.unit());
    const WorldPosition at{near.low.x + prng.between(-away, away),
                           near.low.y + prng.between(-away, away),
                           near.low.z + prng.between(-away, away)};
    ask(index, places,
        {.box = cube(at, std::pow(size_max, prng.unit())),
         .reach_scale = static_cast<float>(prng.between(0.5, scale_max))},
        total);
  }
  return total;
}

TEST(PlaceIndex, finds_what_a_linear_scan_finds_for_sizes_from_a_metre_to_a_star_system) {
  Prng prng(1);
  for (const double width : {10.0, 1e4, 1e9, 1e13}) {
    const Found found = ask_around(random_boxes(prng, 3000, width, 1e13), prng, width, 1.2);
    // A leaf that has to hold all sizes is coarse: 63rds of its largest.
    EXPECT_LT(found.all, found.right * 4 + 100);
  }
}

TEST(PlaceIndex, finds_what_a_linear_scan_finds_wherever_places_lie) {
  Prng prng(6);
  for (int world = 0; world < 60; ++world) {
    std::vector<IndexedPlace> places = random_boxes(prng, 1 + prng.below(800), 1e3, 30);
    const auto shape = prng.below(6);
    const WorldVector far{1e15, -1e12, 1e9};
    for (IndexedPlace& place : places) {
      WorldBox& reach = place.reach;
      if (shape == 0) reach.low = reach.high = WorldPosition{} + far;  // all in one point
      if (shape == 1) reach.low.y = reach.high.y = 5;                  // flat
      if (shape == 2) reach = cube({reach.low.x, 0, 0}, 0);            // points on a line
      if (shape == 3) reach = {reach.low + far, reach.high + far};
      if (shape == 4 && prng.chance(0.5)) reach = places[0].reach;
      if (shape == 5 && prng.chance(0.1)) reach = cube({}, std::pow(1e12, prng.unit()));
    }
    ask_around(places, prng, 1e3);
  }
}

TEST(PlaceIndex, tells_middles_apart_that_come_ever_nearer_to_each_other) {
  std::vector<IndexedPlace> places;
  Prng prng(7);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const double at = std::ldexp(1e18, -static_cast<int>(i));
    places.push_back({.id = ContainerId{i}, .reach = cube({at, 0, 0}, at / 3)});
  }
  ask_around(places, prng, 1e18);
}

TEST(PlaceIndex, keeps_a_planet_apart_from_its_rooms) {
  std::vector<IndexedPlace> places{{.id = ContainerId{0}, .reach = cube({}, 1e7)}};
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    places.push_back({.id = ContainerId{i}, .reach = cube({1e6, 20.0 * i, 0}, 30)});
  }
  PlaceIndex index;
  index.build(places);
  std::vector<ContainerId> found(2000);
  EXPECT_EQ(index.find(cube({0, 1e6, 0}, 1000), found), 1u);
  // The planet, the three rooms that it touches, and no more than are within 63rds of a leaf.
  EXPECT_LE(index.find(cube({1e6, 10'005, 0}, 1), found), 7u);
}

TEST(PlaceIndex, stops_when_there_is_no_more_room) {
  Prng prng(3);
  PlaceIndex index;
  index.build(random_boxes(prng, 100, 10, 100));
  std::vector<ContainerId> found(5);
  EXPECT_EQ(index.find(cube({}, 1e6), found), 5u);
  EXPECT_EQ(index.find(cube({}, 1e6), std::span<ContainerId>{}), 0u);
}

TEST(PlaceIndex, separates_ten_thousand_siblings) {
  std::vector<IndexedPlace> places;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const WorldPosition at{1e11 + i % 100 * 20.0, static_cast<double>(i / 100) * 20.0, 0};
    places.push_back({.id = ContainerId{i}, .reach = cube(at, 10)});
  }
  PlaceIndex index;
  index.build(places);
  std::vector<ContainerId> found(100);
  EXPECT_EQ(index.find(cube({1e11 + 200, 200, 0}, 5), found), 1u);
  EXPECT_EQ(found[0], ContainerId{10 * 100 + 10});
}

TEST(PlaceIndex, finds_all_of_many_that_lie_in_one_place) {
  std::vector<IndexedPlace> places;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    places.push_back({.id = ContainerId{i}, .reach = cube({7, 8, 9}, 0)});
  }
  PlaceIndex index;
  index.build(places);
  std::vector<ContainerId> found(6000);
  EXPECT_EQ(index.find(cube({7, 8, 9}, 0), found), 5000u);
  EXPECT_EQ(index.find(cube({7, 8, 10}, 0.5), found), 0u);
}

TEST(PlaceIndex, counts_a_touching_face_as_found) {
  const std::vector<IndexedPlace> places{{.id = ContainerId{3}, .reach = cube({}, 1)}};
  PlaceIndex index;
  index.build(places);
  std::vector<ContainerId> found(2);
  EXPECT_EQ(index.find(cube({2, 0, 0}, 1), found), 1u);
  EXPECT_EQ(index.find(cube({2.001, 0, 0}, 1), found), 0u);
}

TEST(PlaceIndex, answers_in_the_same_order_whatever_the_order_of_building) {
  Prng prng(5);
  std::vector<IndexedPlace> places = random_boxes(prng, 1000, 50, 5);
  for (IndexedPlace& place : places) place.reach = cube({0, 0, std::floor(place.reach.low.z)}, 3);
  PlaceIndex index;
  index.build(places);
  std::vector<ContainerId> found(1000), again(1000);
  const std::size_t count = index.find(cube({}, 20), found);
  PlaceIndex other;
  other.build(places);
  ASSERT_EQ(other.find(cube({}, 20), again), count);
  EXPECT_EQ(found, again);
}

TEST(PlaceIndex, builds_for_a_million_places) {
  Prng prng(4);
  for (const std::size_t count : {100'000u, 1'000'000u}) {
    const std::vector<IndexedPlace> places = random_boxes(prng, count, 1e7, 1e4);
    PlaceIndex index;
    const auto before = std::chrono::steady_clock::now();
    index.build(places);
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - before;
    RecordProperty("build_ms_" + std::to_string(count), std::to_string(took.count()));
    std::printf("%zu places built in %.0f ms\n", count, took.count());
    for (int trial = 0; trial < 5; ++trial) {
      const IndexQuery query{
          .box = cube({prng.between(-1e7, 1e7), prng.between(-1e7, 1e7), 0}, prng.between(0, 1e6))};
      Found total;
      ask(index, places, query, total);
      EXPECT_LE(total.all, total.right * 11 / 10 + 100);
    }
  }
}

}  // namespace
}  // namespace nf
