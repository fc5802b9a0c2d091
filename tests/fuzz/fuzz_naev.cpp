// Any bytes as one of Naev's star systems, and as something that stands in one.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/assert.h"
#include "formats/import/naev_galaxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string problem;
  if (const auto system = nf::parse_naev_system(text, problem)) {
    NF_ASSERT(!system->name.empty() && system->radius > 0);
    for (const nf::NaevJump& jump : system->jumps) {
      const nf::NaevPoint at = nf::place_of(jump, *system, *system);
      NF_ASSERT(!jump.target.empty() && std::isfinite(at.x) && std::isfinite(at.y));
    }
  } else {
    NF_ASSERT(!problem.empty());
  }
  if (const auto spob = nf::parse_naev_spob(text, problem)) {
    NF_ASSERT(!spob->name.empty() && std::isfinite(spob->at.x));
  }
  return 0;
}
