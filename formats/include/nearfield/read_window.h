// ReadWindow: how much a Streamer has with the kernel at one time, for a disk that was measured.
//
// `nearfield bench disk --model FILE` finds the least bytes in flight that reach the disk's full
// rate and writes them as reads_in_flight_max; an engine keeps that number with the settings of the
// machine it runs on. Pure; any thread.
#pragma once

#include <algorithm>

#include <nearfield/types.h>

namespace nf {

struct ReadWindow {  // for the fields of StreamerOptions of the same names
  Bytes reads_in_flight_max;
  Bytes read_size_max;
};

// Two reads at least, so that the disk has the next one when it is done with the first, and none
// over 1 MiB: what is urgent waits for all that is in flight, never more than 32 MiB. A number that
// is no window of a disk is brought into these bounds.
constexpr ReadWindow read_window_for(Bytes full_rate_in_flight) {
  constexpr Bytes kLeast = {128u << 10}, kMost = {32u << 20}, kReadMost = {1u << 20};
  constexpr std::uint64_t kPage = 4096;
  const Bytes window = std::clamp(full_rate_in_flight, kLeast, kMost);
  const Bytes half = {window.value / 2 / kPage * kPage};
  return {.reads_in_flight_max = window, .read_size_max = std::min(half, kReadMost)};
}

}  // namespace nf
