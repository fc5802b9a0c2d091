#include "core/interest/need_odds.h"

#include <algorithm>
#include <cmath>

#include "core/base/assert.h"

namespace nf {
namespace {

using Lanes = NeedPaths::Lanes;

constexpr float kTiny = 1e-20F;   // against division by nothing
constexpr float kFarOff = 1e18F;  // a column has no end
constexpr float kAcross = 0.5F;   // of a spread in space, that lies along one direction
// Times what it is across: Student's distribution says less than kOddsLeast beyond it.
constexpr float kFarSpreads = 16;

inline float outside(float low, float high, float at) {
  const float below = low - at, above = at - high;
  const float off = below > above ? below : above;
  return off > 0 ? off : 0;
}

// The box in plain numbers: what loops over futures need to run on several of them at once.
struct Bounds {
  float low_x, low_y, low_z, high_x, high_y, high_z, middle_x, middle_y, middle_z;
};

inline Bounds bounds_of(const NeedBox& box) {
  const auto middle = [&](std::size_t axis) {
    const float low = std::max(box.low[axis], -kFarOff), high = std::min(box.high[axis], kFarOff);
    return (low + high) / 2;
  };
  return {box.low[0],  box.low[1], box.low[2], box.high[0], box.high[1],
          box.high[2], middle(0),  middle(1),  middle(2)};
}

// Squared.
[[gnu::always_inline]] inline float distance_from(const Bounds& box, float x, float y, float z) {
  const float off_x = outside(box.low_x, box.high_x, x);
  const float off_y = outside(box.low_y, box.high_y, y);
  const float off_z = outside(box.low_z, box.high_z, z);
  return off_x * off_x + off_y * off_y + off_z * off_z;
}

// Lowers `nearest` (squared metres) to what each future comes near in this step: at its end, and
// where it passes the box's middle.
[[gnu::always_inline]] inline void pass_by(const Bounds& box, const NeedPaths::Step& step,
                                           Lanes& nearest) {
  for (std::size_t i = 0; i < kFuturesMax; ++i) {
    const float x = step.to_x[i], y = step.to_y[i], z = step.to_z[i];
    const float along = (box.middle_x - step.x[i]) * x + (box.middle_y - step.y[i]) * y +
                        (box.middle_z - step.z[i]) * z;
    const float share = along * step.over_length[i];
    const float begun = share > 0 ? share : 0;
    const float held = begun < 1 ? begun : 1;
    const float passing =
        distance_from(box, step.x[i] + held * x, step.y[i] + held * y, step.z[i] + held * z);
    const float ending = distance_from(box, step.x[i] + x, step.y[i] + y, step.z[i] + z);
    const float found = passing < ending ? passing : ending;
    nearest[i] = nearest[i] < found ? nearest[i] : found;
  }
}

// Student's distribution of two degrees of freedom, at so far within reach.
[[gnu::always_inline]] inline void likely_within(float reach, const Lanes& nearest,
                                                 const NeedPaths& paths, const Lanes& over_spread,
                                                 Lanes& likely) {
  for (std::size_t i = 0; i < kFuturesMax; ++i) {
    const float inward = (reach - std::sqrt(nearest[i])) * over_spread[i];
    likely[i] = paths.weight[i] * (0.5F + 0.5F * inward / std::sqrt(2 + inward * inward));
  }
}

// From where all futures are until then, how far it is within reach.
float gap_around(const NeedPaths::Step& step, const NeedBox& box) {
  float sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float off = std::max(
        {box.low[axis] - step.around.high[axis], step.around.low[axis] - box.high[axis], 0.0F});
    sum += off * off;
  }
  return std::sqrt(sum) - box.reach;
}

// What is too far off to count is left out, as it would be told as nothing.
[[gnu::always_inline]] inline NeedOdds odds_of(const NeedPaths& paths, const NeedBox& box) {
  NeedOdds odds;
  for (std::size_t e = 0; e < kExperts; ++e) odds.has[e] = paths.first[e] < paths.first[e + 1];
  std::size_t begin = 0;
  while (begin < kHorizons && gap_around(paths.steps[begin], box) > paths.steps[begin].far_later) {
    ++begin;
  }
  if (begin == kHorizons) return odds;
  Lanes nearest;
  const float now = gap_of(box) + box.reach;
  nearest.fill(now * now);
  const Bounds bounds = bounds_of(box);
  for (std::size_t h = begin; h < kHorizons; ++h) {
    const NeedPaths::Step& step = paths.steps[h];
    pass_by(bounds, step, nearest);
    if (gap_around(step, box) > step.far) continue;
    Lanes likely;
    likely_within(box.reach, nearest, paths, step.over_spread, likely);
    for (std::size_t e = 0; e < kExperts; ++e) {
      for (std::uint32_t i = paths.first[e]; i < paths.first[e + 1]; ++i) {
        odds.until[h][e] += likely[i];
      }
    }
  }
  return odds;
}

#if defined(__x86_64__)
const bool kEights = __builtin_cpu_supports("avx2") != 0;

// Without fused arithmetic, so that the numbers are the same.
[[gnu::target("avx2")]] NeedOdds odds_by_eights(const NeedPaths& paths, const NeedBox& box) {
  return odds_of(paths, box);
}
#endif

}  // namespace

float gap_of(const NeedBox& box) {
  float sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float off = outside(box.low[axis], box.high[axis], 0);
    sum += off * off;
  }
  return std::sqrt(sum) - box.reach;
}

NeedPaths paths_of(const Futures& futures) {
  NF_ASSERT(futures.count <= kFuturesMax);
  NeedPaths paths;
  for (std::uint32_t i = 0; i < futures.count; ++i) {
    NF_ASSERT(i == 0 || futures.expert[i - 1] <= futures.expert[i]);
    paths.weight[i] = futures.weight[i];
    for (auto e = static_cast<std::size_t>(futures.expert[i]) + 1; e <= kExperts; ++e) {
      paths.first[e] = i + 1;
    }
  }
  NeedBox around;
  const Lanes here{};
  for (std::size_t h = 0; h < kHorizons; ++h) {
    NeedPaths::Step& step = paths.steps[h];
    step.x = h == 0 ? here : futures.x[h - 1];
    step.y = h == 0 ? here : futures.y[h - 1];
    step.z = h == 0 ? here : futures.z[h - 1];
    for (std::uint32_t i = 0; i < futures.count; ++i) {
      const float x = futures.x[h][i] - step.x[i], y = futures.y[h][i] - step.y[i],
                  z = futures.z[h][i] - step.z[i];
      step.to_x[i] = x;
      step.to_y[i] = y;
      step.to_z[i] = z;
      step.over_length[i] = 1 / (x * x + y * y + z * z + kTiny);
      const float across = kAcross * futures.spread[static_cast<std::size_t>(futures.expert[i])][h];
      step.over_spread[i] = 1 / std::max(across, kTiny);
      step.far = std::max(step.far, kFarSpreads * across);
      const std::array<float, 3> at{futures.x[h][i], futures.y[h][i], futures.z[h][i]};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        around.low[axis] = std::min(around.low[axis], at[axis]);
        around.high[axis] = std::max(around.high[axis], at[axis]);
      }
    }
    step.around = around;
  }
  float far_later = 0;
  for (std::size_t h = kHorizons; h-- > 0;) {
    far_later = std::max(far_later, paths.steps[h].far);
    paths.steps[h].far_later = far_later;
  }
  return paths;
}

NeedOdds need_odds(const NeedPaths& paths, const NeedBox& box) {
#if defined(__x86_64__)
  if (kEights) return odds_by_eights(paths, box);
#endif
  return odds_of(paths, box);
}

}  // namespace nf
