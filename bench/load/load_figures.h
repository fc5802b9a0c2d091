// What the parts of `bench load` have in common: how much one sample loads, and how their figures
// are named and reckoned.
//
// Constants and functions without state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/streamer.h>

#include "bench/suite/suite.h"

namespace nf::bench {

// Decoded bytes of one sample; more than the runtime keeps.
inline constexpr Bytes kPortion = {384ull << 20};
inline constexpr Bytes kCompared = {64ull << 20};  // decoded bytes that are looked at
// Containers of one sample that are timed one by one, and the size they are about.
inline constexpr std::size_t kAlone = 40;
inline constexpr double kAloneSize = 4 << 20;

inline double median_ratio(const Figure& figure) {
  return spread_of(ratios_of(figure)).median;
}

inline double mb_per_second(Bytes bytes, double seconds) {
  return static_cast<double>(bytes.value) / 1e6 / seconds;
}

// The numbers of decode workers that rates are measured with.
inline std::vector<std::uint32_t> workers_of(const BenchOptions& options) {
  if (options.workers > 0) return {options.workers};
  return {1, 2};
}

// For loads one at a time: as many as an engine gets by default.
inline std::uint32_t workers_alone(const BenchOptions& options) {
  return options.workers > 0 ? options.workers : StreamerOptions{}.decode_workers;
}

inline std::string workers_text(std::uint32_t workers) {
  return std::to_string(workers) + (workers == 1 ? " worker" : " workers");
}

// At the end of a headline's name; one worker is what goes without saying.
inline std::string workers_suffix(std::uint32_t workers) {
  return workers == 1 ? "" : "_" + std::to_string(workers) + "_workers";
}

}  // namespace nf::bench
