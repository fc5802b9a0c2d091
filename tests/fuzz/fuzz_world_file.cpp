// Any bytes as a world.json: a world or a refusal that says where, without harm.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/assert.h"
#include "formats/import/world_file_values.h"
#include "formats/pack/check_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string detail;
  const nf::Result<nf::SourceWorld> world =
      nf::read_world_text(text, "world.json", "/nonexistent", detail);
  if (!world) {
    NF_ASSERT(world.error().code != nf::ErrorCode::ok);
    NF_ASSERT(detail.starts_with("world.json:"));
    return 0;
  }
  // What the reader let through, the packer accepts.
  NF_ASSERT(nf::check_source(*world, detail));
  return 0;
}
