#include <algorithm>

#include "bench/suite/suite.h"

namespace nf::bench {

Spread spread_of(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  const std::size_t middle = samples.size() / 2;
  const double median =
      samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
  return {.median = median, .min = samples.front(), .max = samples.back()};
}

std::vector<double> ratios_of(const Figure& figure) {
  std::vector<double> ratios;
  const std::size_t rounds = std::min(figure.ours.size(), figure.reference.size());
  for (std::size_t i = 0; i < rounds; ++i) {
    if (figure.reference[i] > 0) ratios.push_back(figure.ours[i] / figure.reference[i]);
  }
  return ratios;
}

}  // namespace nf::bench
