// Any bytes as a trace: refused with an error, or points in order that can be sampled anywhere.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/trace/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const nf::Result<std::vector<nf::TracePoint>> trace = nf::parse_trace(text);
  if (!trace) return 0;
  if (trace->empty()) std::abort();
  std::size_t hint = 0;
  for (std::size_t i = 0; i < trace->size(); ++i) {
    const nf::TracePoint& point = (*trace)[i];
    if (i > 0 && !((*trace)[i - 1].seconds < point.seconds)) std::abort();
    const nf::TraceSample sample = nf::sample_trace(*trace, point.seconds, hint);
    if (!std::isfinite(sample.position.x + sample.position.y + sample.position.z)) std::abort();
    if (sample.position.x != point.position.x) std::abort();
  }
  return 0;
}
