// Any bytes as a model: refused with a sentence, or numbers that can be looked up and written again
// to the same bytes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/codec/codec.h"
#include "formats/model/model.h"
#include "formats/model/model_format.h"
#include "formats/wire/bytes.h"

namespace {

using nf::wire::ModelHeader;

// A damaged model would never get past its checksums.
void repair(std::vector<std::byte>& bytes) {
  if (bytes.size() < sizeof(ModelHeader)) return;
  const auto put = [&](std::size_t at, std::uint64_t value) {
    nf::ByteWriter(std::span(bytes).subspan(at)).write(nf::u64le(value));
  };
  put(offsetof(ModelHeader, body_checksum),
      nf::hash64(std::span<const std::byte>(bytes).subspan(sizeof(ModelHeader))));
  put(offsetof(ModelHeader, checksum),
      nf::hash64(std::span<const std::byte>(bytes).first(offsetof(ModelHeader, checksum))));
}

void use(const nf::Model& model) {
  const nf::LearntWays ways(model.moments);
  std::array<nf::LearntWays::Near, 16> near;
  const std::uint32_t found = ways.find_nearest({}, near);
  for (std::uint32_t i = 0; i < found; ++i) {
    for (const double seconds : {0.0, 0.1, 3.3, 8.0, 20.0}) {
      const nf::WorldVector came = ways.came_after(near[i].moment, seconds);
      if (!std::isfinite(came.x + came.y + came.z)) std::abort();
    }
  }
}

void check(std::span<const std::byte> bytes) {
  std::string detail;
  const nf::Result<nf::Model> model = nf::parse_model(bytes, detail);
  if (!model) {
    if (detail.empty()) std::abort();
    return;
  }
  use(*model);
  const nf::Result<std::vector<std::byte>> again = nf::model_bytes(*model);
  if (!again || again->size() != bytes.size()) std::abort();
  // A writer sets no optional feature, of which the header's checksum is told.
  const auto differs = [&](std::size_t from, std::size_t to) {
    return !std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                       bytes.begin() + static_cast<std::ptrdiff_t>(to),
                       again->begin() + static_cast<std::ptrdiff_t>(from));
  };
  if (differs(0, offsetof(ModelHeader, features_optional)) ||
      differs(offsetof(ModelHeader, file_size), offsetof(ModelHeader, checksum)) ||
      differs(sizeof(ModelHeader), bytes.size())) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* first = reinterpret_cast<const std::byte*>(data);
  check({first, size});
  std::vector<std::byte> repaired(first, first + size);
  repair(repaired);
  check(repaired);
  return 0;
}
