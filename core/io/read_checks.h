// What every Device demands of a Read, checked where it is taken in: a read that breaks it is a bug
// of the caller. Any thread.
#pragma once

#include <cstdint>

#include <nearfield/device.h>

#include "core/base/assert.h"

namespace nf {

inline constexpr std::uint32_t kFilesMax = 64;

inline void assert_read_allowed(const Read& read, const DeviceLimits& limits) {
  const std::uint64_t mask = limits.alignment.value - 1;
  NF_ASSERT(read.file.value < kFilesMax);
  NF_ASSERT((read.at.value & mask) == 0);
  NF_ASSERT(!read.into.empty() && (read.into.size() & mask) == 0);
  NF_ASSERT((reinterpret_cast<std::uintptr_t>(read.into.data()) & mask) == 0);
  NF_ASSERT(read.into.size() <= limits.read_size_max.value);
}

}  // namespace nf
