// FractalNoise: sums of smooth random values on ever finer grids, wrapping at the edges so that
// tiles meet without a seam. Value noise with the quintic fade of Perlin ("Improving noise", 2002).
// Immutable after construction; any thread may ask.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "core/base/prng.h"

namespace nf {

class FractalNoise {
 public:
  explicit FractalNoise(std::uint64_t seed) {
    Prng prng(seed);
    for (float& value : values_) value = static_cast<float>(prng.between(-1, 1));
  }

  // x and y in [0, 1); `cells` is the coarsest grid, doubled with each octave; about -1 to 1.
  float at(float x, float y, std::uint32_t cells, int octaves, float persistence) const {
    float sum = 0;
    float weight = 1;
    float all = 0;
    for (int octave = 0; octave < octaves; ++octave) {
      sum += weight * smooth(x * static_cast<float>(cells), y * static_cast<float>(cells), cells,
                             static_cast<std::uint32_t>(octave));
      all += weight;
      weight *= persistence;
      cells *= 2;
    }
    return sum / all * 1.6f;
  }

 private:
  float corner(std::uint32_t x, std::uint32_t y, std::uint32_t octave) const {
    std::uint32_t h = x * 0x9E3779B1u ^ (y * 0x85EBCA77u + octave * 0xC2B2AE3Du);
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    h ^= h >> 13;
    return values_[h % values_.size()];
  }
  static float fade(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }

  float smooth(float x, float y, std::uint32_t cells, std::uint32_t octave) const {
    const float x_floor = std::floor(x);
    const float y_floor = std::floor(y);
    const float u = fade(x - x_floor);
    const float v = fade(y - y_floor);
    const std::uint32_t x0 = static_cast<std::uint32_t>(x_floor) % cells;
    const std::uint32_t y0 = static_cast<std::uint32_t>(y_floor) % cells;
    const std::uint32_t x1 = (x0 + 1) % cells;
    const std::uint32_t y1 = (y0 + 1) % cells;
    const float low =
        corner(x0, y0, octave) + u * (corner(x1, y0, octave) - corner(x0, y0, octave));
    const float high =
        corner(x0, y1, octave) + u * (corner(x1, y1, octave) - corner(x0, y1, octave));
    return low + v * (high - low);
  }

  std::array<float, 1024> values_ = {};
};

}  // namespace nf
