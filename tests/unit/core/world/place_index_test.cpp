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

TEST(PlaceIndex, agrees_with_a_linear_scan_for_sizes_from_a_metre_to_a_star_system) {
  Prng prng(1);
  for (const double width : {10.0, 1e4, 1e9, 1e13}) {
    const std::vector<IndexedPlace> places = random_boxes(prng, 3000, width, 1e13);
    PlaceIndex index;
    index.build(places);
    EXPECT_EQ(index.size(), places.size());
    for (int trial = 0; trial < 200; ++trial) {
      const WorldPosition at{prng.between(-width, width), prng.between(-width, width),
                             prng.between(-width, width)};
      const IndexQuery query{.box = cube(at, std::pow(width, prng.unit())),
                             .reach_scale = static_cast<float>(prng.between(0.5, 4))};
      ASSERT_EQ(find_in_portions(index, query, 100'000), linear_scan(places, query));
    }
  }
}

TEST(PlaceIndex, gives_the_same_in_portions_of_any_size) {
  Prng prng(2);
  const std::vector<IndexedPlace> places = random_boxes(prng, 2000, 1000, 1000);
  PlaceIndex index;
  index.build(places);
  for (const std::size_t portion : {1u, 2u, 7u, 64u, 1999u, 2000u, 2001u}) {
    const IndexQuery query{.box = cube({}, 300)};
    ASSERT_EQ(find_in_portions(index, query, portion), linear_scan(places, query)) << portion;
  }
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
      ASSERT_EQ(find_in_portions(index, query, 4096), linear_scan(places, query));
    }
  }
}

}  // namespace
}  // namespace nf
