// How far two times are apart, in seconds.
// A function without state; any thread.
#pragma once

#include <nearfield/types.h>

namespace nf {

// In double, because a difference of any two 64-bit times does not fit one.
constexpr double seconds_between(Time from, Time to) {
  return (static_cast<double>(to.ns) - static_cast<double>(from.ns)) * 1e-9;
}

}  // namespace nf
