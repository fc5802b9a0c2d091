// Any bytes as a terrain mesh: understood or refused, and nothing that is claimed is believed.
#include <cstdint>
#include <span>

#include "core/base/assert.h"
#include "formats/import/btg.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const nf::Result<nf::BtgMesh> mesh = nf::parse_btg(std::as_bytes(std::span(data, size)));
  if (mesh) {
    NF_ASSERT(mesh->has_sphere);
    NF_ASSERT(mesh->radius >= 0);
    NF_ASSERT(mesh->vertices <= size / 12);
    NF_ASSERT(mesh->materials.size() <= size);
  }
  return 0;
}
