// Futures: where an observer may be at a few times ahead, as paths of several experts.
//
// Each expert gives paths with weights that add to 1, and for each time a spread: about how far it
// is off then. Which expert to believe is not said here; see core/interest/need_odds.h. Plain
// arrays, metres as offsets from `origin`, any thread.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/types.h>

namespace nf {

enum class Expert : std::uint8_t {
  standing,   // stays where it is
  steady,     // goes on as it went for the last moments
  easing,     // likewise, slower and slower
  turning,    // goes on along the circle that it is on
  speeding,   // goes on with the acceleration that it has
  recalled,   // does as it and others did after moments that looked like this
  revisited,  // does as it and others did when they were here
};
inline constexpr std::size_t kExperts = 7;

inline constexpr std::size_t kHorizons = 10;
// Seconds ahead, at a time scale of 1.
inline constexpr std::array<float, kHorizons> kHorizonSeconds{0.2F, 0.4F, 0.7F, 1,    1.5F,
                                                              2,    3,    4,    5.5F, 8};

inline constexpr std::size_t kFuturesMax = 32;

struct Futures {
  WorldPosition origin;
  std::array<float, kHorizons> seconds{};  // ahead, ascending
  std::uint32_t count = 0;
  std::array<Expert, kFuturesMax> expert{};  // ascending
  std::array<float, kFuturesMax> weight{};
  std::array<std::array<float, kFuturesMax>, kHorizons> x{}, y{}, z{};
  std::array<std::array<float, kHorizons>, kExperts> spread{};  // metres
};

}  // namespace nf
