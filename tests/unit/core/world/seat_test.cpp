#include "core/world/seat.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

Rotation kept(WorldRotation rotation) {
  return Seat{.center = {}, .turned = Seat::pack(BoundsKind::box, rotation)}.rotation();
}

TEST(Seat, turns_bounds_by_four_microradians_at_the_most) {
  Prng prng(1);
  double worst = 0;
  for (int i = 0; i < 20'000; ++i) {
    const WorldRotation rotation = to_world(test::random_rotation(prng));
    const WorldVector along = test::random_direction(prng);
    const WorldVector off = rotate(to_world(kept(rotation)), along) - rotate(rotation, along);
    worst = std::max(worst, length(off));
  }
  EXPECT_LT(worst, 4e-6);
}

TEST(Seat, keeps_quarter_turns_about_an_axis_to_the_bits_of_a_float) {
  const double half = std::sqrt(0.5);
  for (const WorldRotation& rotation :
       {WorldRotation{0, 0, 0, 1}, WorldRotation{0, 0, 0, -1}, WorldRotation{1, 0, 0, 0},
        WorldRotation{0, half, 0, half}, WorldRotation{-half, 0, 0, half},
        WorldRotation{half, half, 0, 0}}) {
    const WorldVector along{1, 2, 3};
    const WorldVector off = rotate(to_world(kept(rotation)), along) - rotate(rotation, along);
    EXPECT_LT(length(off), 2e-6);
  }
  const Rotation identity = kept({0, 0, 0, 1});
  EXPECT_EQ(identity.x, 0);
  EXPECT_EQ(identity.y, 0);
  EXPECT_EQ(identity.z, 0);
  EXPECT_EQ(identity.w, 1);
}

TEST(Seat, keeps_the_kind_beside_any_rotation) {
  Prng prng(2);
  for (const BoundsKind kind : {BoundsKind::none, BoundsKind::sphere, BoundsKind::box}) {
    for (int i = 0; i < 100; ++i) {
      const WorldRotation rotation = to_world(test::random_rotation(prng));
      const Seat seat{.center = {}, .turned = Seat::pack(kind, rotation)};
      EXPECT_EQ(seat.kind(), kind);
    }
  }
}

}  // namespace
}  // namespace nf
