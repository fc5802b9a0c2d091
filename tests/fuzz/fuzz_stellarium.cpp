// Any bytes as Stellarium's bodies and as its features of surfaces.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "formats/import/stellarium_bodies.h"
#include "formats/import/stellarium_features.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<nf::StellariumBody> bodies;
  std::string problem;
  if (nf::parse_bodies(text, bodies, problem)) {
    for (const nf::StellariumBody& body : bodies) {
      NF_ASSERT(!body.name.empty() && body.radius > 0);
      if (body.orbit_kind != nf::OrbitKind::elements) continue;
      const nf::WorldPosition at = nf::position_at(body.orbit, nf::kJ2000);
      NF_ASSERT(std::hypot(at.x, at.y, at.z) <= 1e18);
    }
  } else {
    NF_ASSERT(!problem.empty());
  }
  if (const auto features = nf::parse_features(text)) {
    for (const nf::StellariumFeature& feature : *features) {
      NF_ASSERT(feature.radius > 0 && std::fabs(feature.latitude) < 1.6);
      NF_ASSERT(feature.text_at <= size && feature.text_size <= size - feature.text_at);
    }
  }
  double angle = 0;
  if (nf::parse_angle(text.substr(0, 64), angle)) NF_ASSERT(std::fabs(angle) < 6.3);
  return 0;
}
