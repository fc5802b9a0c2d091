// generate: a star system of any size from a seed, as a folder with a world.json that packs like a
// studio's own: star > planets > moons, landing zones, ships > rooms, and shared sets of materials.
//
// The same options give the same bytes, whatever the number of threads. Textures are
// block-compressed fractal pictures with mips, meshes displaced grids, so that codecs find in them
// what they find in real assets. Thread: uses `threads` of its own; `progress` is called on the
// caller's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

struct GenerateProgress {
  Bytes written;
  Bytes total;
};

struct GenerateOptions {
  Bytes size = {1ull << 30};  // of all assets together, 1 MiB to 1 TiB
  std::uint64_t seed = 1;
  std::uint32_t threads = 0;                              // 0: one a core
  std::function<bool(const GenerateProgress&)> progress;  // false: stop (canceled)
};

struct GenerateReport {
  std::uint64_t containers = 0;
  std::uint64_t assets = 0;
  Bytes size;               // of all assets: exactly what was asked for
  double tour_seconds = 0;  // of routes/tour.csv, a flight over zones of several bodies
};

inline constexpr Bytes kGenerateSizeMin = {1ull << 20};
inline constexpr Bytes kGenerateSizeMax = {1ull << 40};

// The folder is made; it must not exist or be empty. A marker stands in it until world.json, the
// last file, is written: what has the marker is not packed. On failure `detail` names the file and
// the cause.
Result<GenerateReport> generate_world(const std::string& folder, const GenerateOptions& options,
                                      std::string& detail);

}  // namespace nf
