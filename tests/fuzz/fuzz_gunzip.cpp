// Any bytes as gzip: never more than the limit comes out.
#include <cstdint>
#include <span>

#include "core/base/assert.h"
#include "formats/import/file_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr nf::Bytes kLimit = {1u << 20};
  const auto bytes = nf::gunzip(std::as_bytes(std::span(data, size)), kLimit);
  if (bytes) NF_ASSERT(bytes->size() <= kLimit.value);
  return 0;
}
