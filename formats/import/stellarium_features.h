// stellarium_features: the named features of surfaces, from Stellarium's nomenclature.dat.
//
// Pure function, any thread. A rule is seven fields between tabs: body, the feature's number,
// _("name","type"), type code, latitude, longitude (degrees, eastward), size in kilometres.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

struct StellariumFeature {
  std::string body;
  std::string name;
  double latitude = 0;  // radians
  double longitude = 0;
  double radius = 0;          // metres, of half the size
  std::uint32_t line = 0;     // from 1
  std::uint32_t text_at = 0;  // the rule and the comment before it, in bytes of the file
  std::uint32_t text_size = 0;
};

inline constexpr std::size_t kFeaturesMax = 1'000'000;

// The error's subject is the line.
Result<std::vector<StellariumFeature>> parse_features(std::string_view text);

}  // namespace nf
