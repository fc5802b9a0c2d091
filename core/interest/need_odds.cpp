#include "core/interest/need_odds.h"

#include <algorithm>
#include <cmath>

namespace nf {
namespace {

using Lanes = std::array<float, kFuturesMax>;

constexpr float kTiny = 1e-20F;   // against division by nothing
constexpr float kFarOff = 1e18F;  // a column has no end
constexpr float kAcross = 0.5F;   // of a spread in space, that lies along one direction

float outside(float low, float high, float at) {
  const float below = low - at, above = at - high;
  const float off = below > above ? below : above;
  return off > 0 ? off : 0;
}

struct Steps {  // of all futures, from one horizon to the next
  Lanes x{}, y{}, z{};
};

// The box in plain numbers: what loops over futures need to run on several of them at once.
struct Bounds {
  float low_x, low_y, low_z, high_x, high_y, high_z, middle_x, middle_y, middle_z;
};

Bounds bounds_of(const NeedBox& box) {
  const auto middle = [&](std::size_t axis) {
    const float low = std::max(box.low[axis], -kFarOff), high = std::min(box.high[axis], kFarOff);
    return (low + high) / 2;
  };
  return {box.low[0],  box.low[1], box.low[2], box.high[0], box.high[1],
          box.high[2], middle(0),  middle(1),  middle(2)};
}

// Squared.
inline float distance_from(const Bounds& box, float x, float y, float z) {
  const float off_x = outside(box.low_x, box.high_x, x);
  const float off_y = outside(box.low_y, box.high_y, y);
  const float off_z = outside(box.low_z, box.high_z, z);
  return off_x * off_x + off_y * off_y + off_z * off_z;
}

// Lowers `nearest` (squared metres) to what each future comes near on its way from `before` to
// `after`: at its end, and where it passes the box's middle.
void pass_by(const Bounds& box, const Steps& before, const Steps& after, Lanes& nearest) {
  Lanes found;
  for (std::size_t i = 0; i < kFuturesMax; ++i) {
    const float x = after.x[i] - before.x[i], y = after.y[i] - before.y[i],
                z = after.z[i] - before.z[i];
    const float along = (box.middle_x - before.x[i]) * x + (box.middle_y - before.y[i]) * y +
                        (box.middle_z - before.z[i]) * z;
    const float share = along / (x * x + y * y + z * z + kTiny);
    const float begun = share > 0 ? share : 0;
    const float held = begun < 1 ? begun : 1;
    const float passing =
        distance_from(box, before.x[i] + held * x, before.y[i] + held * y, before.z[i] + held * z);
    const float ending = distance_from(box, after.x[i], after.y[i], after.z[i]);
    found[i] = passing < ending ? passing : ending;
  }
  for (std::size_t i = 0; i < kFuturesMax; ++i) nearest[i] = std::min(nearest[i], found[i]);
}

// Student's distribution of two degrees of freedom, at so far within reach.
void likely_within(float reach, const Lanes& nearest, const Lanes& inverse, Lanes& likely) {
  for (std::size_t i = 0; i < kFuturesMax; ++i) {
    const float inward = (reach - std::sqrt(nearest[i])) * inverse[i];
    likely[i] = 0.5F + 0.5F * inward / std::sqrt(2 + inward * inward);
  }
}

}  // namespace

float gap_of(const NeedBox& box) {
  float sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float off = outside(box.low[axis], box.high[axis], 0);
    sum += off * off;
  }
  return std::sqrt(sum) - box.reach;
}

NeedOdds need_odds(const Futures& futures, const NeedBox& box) {
  NeedOdds odds;
  Lanes nearest;
  const float now = gap_of(box) + box.reach;
  nearest.fill(now * now);
  for (std::size_t i = 0; i < futures.count; ++i) {
    odds.has[static_cast<std::size_t>(futures.expert[i])] = true;
  }
  const Bounds bounds = bounds_of(box);
  Steps before;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const Steps after{futures.x[h], futures.y[h], futures.z[h]};
    pass_by(bounds, before, after, nearest);
    before = after;
    Lanes inverse{}, likely;
    for (std::size_t i = 0; i < futures.count; ++i) {
      const float spread = futures.spread[static_cast<std::size_t>(futures.expert[i])][h];
      inverse[i] = 1 / std::max(kAcross * spread, kTiny);
    }
    likely_within(box.reach, nearest, inverse, likely);
    for (std::size_t i = 0; i < futures.count; ++i) {
      odds.until[h][static_cast<std::size_t>(futures.expert[i])] += futures.weight[i] * likely[i];
    }
  }
  return odds;
}

}  // namespace nf
