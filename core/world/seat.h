// Seat: what the World keeps of each place that the archive's tables do not say: half a cache line.
//
// Plain values and functions without state; any thread. A rotation is kept as the three smallest of
// its components, in 20 bits each (Zarb-Adami, "Quaternion Compression", Game Programming Gems 3,
// 2002): it is off by four microradians at the most, which is 4 mm at the end of a kilometre.
// Quarter turns about an axis of the frame are kept to the bits of a float.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <nearfield/types.h>

#include "core/world/vector_math.h"
#include "core/world/world_tables.h"

namespace nf {

struct Seat {
  WorldPosition center;  // of the bounds, in the frame of the body
  // From the top: two bits for the kind, two for the component that is left out, then the others.
  std::uint64_t turned = 0;

  static constexpr int kBits = 20;
  static constexpr std::uint64_t kMask = (1u << kBits) - 1;
  static constexpr double kZero = 1 << (kBits - 1);
  // None of the three smallest is more than the square root of a half.
  static constexpr double kSteps = (kZero - 1) * 1.4142135623730951;

  static std::uint64_t pack(BoundsKind kind, WorldRotation rotation) {
    const WorldRotation unit = normalized(rotation);
    const std::array<double, 4> parts{unit.x, unit.y, unit.z, unit.w};
    std::size_t largest = 3;
    for (std::size_t i = 0; i < 3; ++i) {
      if (std::abs(parts[i]) > std::abs(parts[largest])) largest = i;
    }
    const double sign = parts[largest] < 0 ? -1 : 1;
    std::uint64_t word = static_cast<std::uint64_t>(kind) << 2 | largest;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i == largest) continue;
      const double step = std::floor(parts[i] * sign * kSteps + 0.5) + kZero;
      word = word << kBits | static_cast<std::uint64_t>(step);
    }
    return word;
  }

  BoundsKind kind() const { return static_cast<BoundsKind>(turned >> (3 * kBits + 2)); }

  Rotation rotation() const {
    const auto part = [this](int place) {
      return (static_cast<double>(turned >> (place * kBits) & kMask) - kZero) * (1 / kSteps);
    };
    const double a = part(2);
    const double b = part(1);
    const double c = part(0);
    const double rest = std::sqrt(1 - a * a - b * b - c * c);
    const auto of = [](double x, double y, double z, double w) {
      return Rotation{static_cast<float>(x), static_cast<float>(y), static_cast<float>(z),
                      static_cast<float>(w)};
    };
    switch (turned >> (3 * kBits) & 3) {
      case 0: return of(rest, a, b, c);
      case 1: return of(a, rest, b, c);
      case 2: return of(a, b, rest, c);
      default: return of(a, b, c, rest);
    }
  }
};
static_assert(sizeof(Seat) == 32);

}  // namespace nf
