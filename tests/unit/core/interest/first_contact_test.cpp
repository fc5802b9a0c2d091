#include <gtest/gtest.h>

#include <cmath>

#include "core/interest/wanted.h"
#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

Place sphere(WorldPosition center, float radius) {
  return {.center = center,
          .rotation = {},
          .half_extent = {radius, radius, radius},
          .kind = BoundsKind::sphere,
          .load_distance = 0};
}

ForecastPiece straight(WorldPosition start, WorldVector velocity, double seconds) {
  ForecastPiece piece;
  piece.from = Time{1'000'000'000};
  piece.length = Duration::from_seconds(seconds);
  piece.start = start;
  piece.velocity = velocity;
  return piece;
}

double gap_at(const Place& place, double reach, const ForecastPiece& piece, double t) {
  return distance_to(place, piece.start + piece.velocity * t) - reach - piece.spread -
         piece.spread_rate * t;
}

double seconds_until(const ForecastPiece& piece, Time at) {
  return (at - piece.from).seconds();
}

TEST(FirstContact, is_now_for_one_who_is_already_near) {
  const ForecastPiece piece = straight({3, 0, 0}, {100, 0, 0}, 5);
  EXPECT_EQ(first_contact(sphere({}, 1), 2, piece), piece.from);
}

TEST(FirstContact, is_when_the_distance_has_shrunk_to_the_reach) {
  const ForecastPiece piece = straight({-100, 0, 0}, {10, 0, 0}, 50);
  EXPECT_NEAR(seconds_until(piece, first_contact(sphere({}, 5), 15, piece)), 8, 1e-6);
}

TEST(FirstContact, is_never_for_one_who_leaves_passes_by_or_stops_before) {
  EXPECT_EQ(first_contact(sphere({}, 1), 1, straight({5, 0, 0}, {1, 0, 0}, 50)), Time::never());
  EXPECT_EQ(first_contact(sphere({}, 1), 1, straight({-9, 2.1, 0}, {1, 0, 0}, 50)), Time::never());
  EXPECT_EQ(first_contact(sphere({}, 1), 1, straight({-9, 0, 0}, {1, 0, 0}, 6.9)), Time::never());
  EXPECT_NE(first_contact(sphere({}, 1), 1, straight({-9, 0, 0}, {1, 0, 0}, 7.1)), Time::never());
}

TEST(FirstContact, counts_the_spread_and_its_growth) {
  ForecastPiece piece = straight({-20, 0, 0}, {0, 0, 0}, 50);
  piece.spread = 3;
  piece.spread_rate = 1;
  EXPECT_NEAR(seconds_until(piece, first_contact(sphere({}, 1), 2, piece)), 14, 1e-6);
  piece.velocity = {-0.5, 0, 0};  // leaves more slowly than it grows
  EXPECT_NEAR(seconds_until(piece, first_contact(sphere({}, 1), 2, piece)), 28, 1e-6);
  piece.velocity = {-1, 0, 0};  // as fast
  EXPECT_EQ(first_contact(sphere({}, 1), 2, piece), Time::never());
}

TEST(FirstContact, is_never_for_what_has_no_place) {
  EXPECT_EQ(first_contact(Place{}, 1e18, straight({}, {}, 5)), Time::never());
}

TEST(FirstContact, tells_a_hit_from_a_miss_at_planetary_distances) {
  const double far = 1e12;
  const ForecastPiece hit = straight({-far, 99, 0}, {1e12, 0, 0}, 8);
  const ForecastPiece miss = straight({-far, 101, 0}, {1e12, 0, 0}, 8);
  EXPECT_NEAR(seconds_until(hit, first_contact(sphere({}, 50), 50, hit)), 1, 1e-6);
  EXPECT_EQ(first_contact(sphere({}, 50), 50, miss), Time::never());
}

// Fine steps in time bound the true contact: it lies in the step before the first that touches.
TEST(FirstContact, agrees_with_fine_steps_in_time) {
  Prng prng(1);
  int contacts = 0, early = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<test::NewContainer> one = test::random_places(prng, 2, 50, 0.5, 30);
    const WorldTables tables = test::make_tables(one);
    World world;
    ASSERT_TRUE(world.mount(tables, FileId{0}));
    const Place& place = world.place(ContainerId{1});
    const double reach = prng.between(0, 40);
    ForecastPiece piece =
        straight({prng.between(-200, 200), prng.between(-200, 200), prng.between(-200, 200)},
                 test::random_direction(prng) * prng.between(0, 60), prng.between(0.1, 8));
    if (prng.chance(0.7)) {  // mostly towards it
      const WorldVector to = place.center - piece.start;
      piece.velocity = to * (prng.between(0.05, 1)) + piece.velocity * 0.2;
    }
    piece.spread = prng.between(0, 5);
    piece.spread_rate = prng.chance(0.3) ? 0 : prng.between(0, 20);

    constexpr int kSteps = 4000;
    const double length_s = piece.length.seconds();
    double stepped = INFINITY, gap_min = INFINITY;
    for (int step = 0; step <= kSteps && std::isinf(stepped); ++step) {
      const double t = length_s * step / kSteps;
      gap_min = std::min(gap_min, gap_at(place, reach, piece, t));
      if (gap_min <= 0) stepped = t;
    }
    const Time at = first_contact(place, reach, piece);
    if (at == Time::never()) {
      ASSERT_TRUE(std::isinf(stepped)) << "missed a contact, trial " << trial;
      continue;
    }
    ++contacts;
    const double t = seconds_until(piece, at);
    ASSERT_LE(t, length_s + 1e-6);
    ASSERT_LE(t, stepped + 1e-6) << "later than the contact, trial " << trial;
    // Not early by more than a step, but for grazes: there it is as near as rounding tells.
    if (t < stepped - length_s / kSteps - 1e-6) {
      ++early;
      ASSERT_LT(gap_at(place, reach, piece, t), 2e-3) << trial;
    }
  }
  EXPECT_GT(contacts, 500);
  EXPECT_LT(early, contacts / 100);
}

}  // namespace
}  // namespace nf
