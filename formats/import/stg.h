// stg: FlightGear's list of what stands in a tile, one thing a line.
//
// Pure function, any thread. Lines of kinds that place nothing here, comments and empty lines are
// passed over and counted; a line of a known kind that lacks its fields is malformed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

enum class StgKind : std::uint8_t {
  base,          // OBJECT_BASE: the tile's terrain
  terrain,       // OBJECT: further terrain, an airport
  fixed,         // OBJECT_STATIC: a model beside the tile
  shared_model,  // OBJECT_SHARED: a model that many tiles place
  sign,          // OBJECT_SIGN, OBJECT_RUNWAY_SIGN: a text
};

struct StgLine {
  StgKind kind = StgKind::base;
  std::uint32_t line = 0;
  std::string name;  // file as written, or the sign's text
  double longitude = 0, latitude = 0, elevation_m = 0, heading_deg = 0;  // but for base and terrain
};

struct Stg {
  std::vector<StgLine> lines;
  std::uint64_t passed_over = 0;
};

inline constexpr std::size_t kStgLinesMax = 1'000'000;

// The error's subject is the line.
Result<Stg> parse_stg(std::string_view text);

}  // namespace nf
