// Any bytes as a list of placements.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "formats/import/stg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const nf::Result<nf::Stg> stg =
      nf::parse_stg(std::string_view(reinterpret_cast<const char*>(data), size));
  if (stg) {
    for (const nf::StgLine& line : stg->lines) {
      NF_ASSERT(!line.name.empty());
      NF_ASSERT(std::isfinite(line.elevation_m) && std::fabs(line.latitude) <= 90);
    }
  }
  return 0;
}
