// Routes over worlds of different shapes.
#include "tools/nearfield/route.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tools/nearfield/vector_math.h"
#include "tools/nearfield/world_shape.h"

namespace nf {
namespace {

// A root with `children` around it; each a sphere of 1 km.
class TestWorld {
 public:
  explicit TestWorld(const std::vector<WorldPosition>& children) {
    const std::uint32_t count = static_cast<std::uint32_t>(children.size()) + 1;
    tables_ = std::move(
        *make_world_tables({.containers = count, .assets = 0, .chunks = 0, .dependencies = 0}));
    ContainerTable& table = tables_.containers;
    for (std::uint32_t id = 0; id < count; ++id) {
      table.path_hash[id] = {id, id};
      table.parent[id] = id == 0 ? ContainerId::none_value : 0;
      table.subtree_end[id] = id == 0 ? count : id + 1;
      table.rotation[id] = {};
      if (id == 0) continue;
      table.position[id] = children[id - 1];
      table.bounds_kind[id] = BoundsKind::sphere;
      table.bounds_half_extent[id] = {1000, 1000, 1000};
      table.load_distance[id] = 5000;
    }
    EXPECT_TRUE(world_.mount(tables_, FileId{0}));
  }
  const World& world() const { return world_; }

 private:
  WorldTables tables_;
  World world_;
};

std::vector<WorldPosition> on_a_planet(double radius) {
  std::vector<WorldPosition> places;
  // A patch only, as scenery comes: its middle is nowhere near the planet's.
  for (int i = 0; i < 12; ++i) {
    for (int j = 0; j < 12; ++j) {
      const double latitude = 0.3 + 0.02 * i, longitude = 1 + 0.02 * j;
      const double r = radius + 300.0 * ((i * 7 + j * 3) % 5);
      places.push_back({r * std::cos(latitude) * std::cos(longitude),
                        r * std::cos(latitude) * std::sin(longitude), r * std::sin(latitude)});
    }
  }
  return places;
}

std::vector<WorldPosition> on_a_plain() {
  std::vector<WorldPosition> places;
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 10; ++j) places.push_back({i * 4000.0, j * 4000.0, 0});
  }
  return places;
}

void expect_steady(const Flight& flight, double speed) {
  for (std::size_t i = 1; i < flight.points.size(); ++i) {
    const double seconds = flight.points[i].seconds - flight.points[i - 1].seconds;
    ASSERT_GT(seconds, 0);
    ASSERT_LE(distance(flight.points[i - 1].position, flight.points[i].position) / seconds,
              speed * 1.02);
  }
}

TEST(Route, follows_the_surface_of_a_planet) {
  const double radius = 6.371e6;
  const TestWorld test(on_a_planet(radius));
  for (const RouteKind kind : {RouteKind::tour, RouteKind::line, RouteKind::orbit}) {
    const std::optional<Flight> flight =
        make_route(test.world(), {.kind = kind, .speed = 3000, .seconds = 1200});
    ASSERT_TRUE(flight);
    EXPECT_NEAR(flight->seconds(), 1200, 0.3) << route_name(kind);
    EXPECT_GT(flight->metres(), 0.8 * 3000 * 1200) << route_name(kind);
    expect_steady(*flight, 3000);
    for (const TracePoint& point : flight->points) {
      const double height = length(point.position - WorldPosition{}) - radius;
      // A straight line over 1000 km would be 20 km under ground.
      ASSERT_GT(height, -100) << route_name(kind) << " at " << point.seconds;
      ASSERT_LT(height, 1500) << route_name(kind) << " at " << point.seconds;
    }
  }
}

TEST(Route, a_tour_comes_by_every_leaf) {
  const TestWorld test(on_a_plain());
  const std::optional<Flight> flight =
      make_route(test.world(), {.kind = RouteKind::tour, .speed = 250, .seconds = 2400});
  ASSERT_TRUE(flight);
  expect_steady(*flight, 250);
  for (const WorldPosition& leaf : on_a_plain()) {
    double nearest = 1e9;
    for (const TracePoint& point : flight->points)
      nearest = std::min(nearest, distance(leaf, point.position));
    EXPECT_LT(nearest, 400);
  }
}

TEST(Route, is_as_long_as_it_was_asked_to_be) {
  const TestWorld few({{0, 0, 0}, {10'000, 0, 0}, {0, 10'000, 0}});
  const TestWorld one({{5, 6, 7}});
  const TestWorld same_place({{1, 1, 1}, {1, 1, 1}});
  for (const TestWorld* test : {&few, &one, &same_place}) {
    for (const RouteKind kind : {RouteKind::tour, RouteKind::line, RouteKind::orbit}) {
      const std::optional<Flight> flight =
          make_route(test->world(), {.kind = kind, .speed = 1000, .seconds = 300});
      ASSERT_TRUE(flight);
      EXPECT_NEAR(flight->seconds(), 300, 0.3) << route_name(kind);
      expect_steady(*flight, 1000);
    }
  }
}

TEST(Route, a_line_reaches_from_end_to_end) {
  const TestWorld test(on_a_plain());
  const double diagonal = 36'000 * std::sqrt(2.0);
  const std::optional<Flight> flight =
      make_route(test.world(), {.kind = RouteKind::line, .speed = 500, .seconds = diagonal / 500});
  ASSERT_TRUE(flight);
  EXPECT_NEAR(distance(flight->points.front().position, flight->points.back().position), diagonal,
              200);
}

TEST(Route, a_world_without_places_has_none) {
  const TestWorld test({});
  EXPECT_FALSE(make_route(test.world(), {}));
}

TEST(WorldShape, a_plain_is_no_planet) {
  const TestWorld test(on_a_plain());
  WorldShape shape(test.world());
  EXPECT_EQ(shape.leaves().size(), 100u);
  EXPECT_FALSE(shape.shell_center(0, 99));
}

}  // namespace
}  // namespace nf
