// Percentiles of a list of measurements, by nearest rank.
// Pure; any thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace nf {

// The smallest value that at least `part` of all values do not exceed; 0 for an empty list.
inline double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const double rank = std::ceil(part * static_cast<double>(values.size()));
  const std::size_t index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(index, values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace nf
