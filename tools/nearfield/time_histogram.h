// TimeHistogram: how long something took, many times over, in memory that does not grow. Counts by
// size, 64 steps to each doubling, so that a percentile is at most 1.6 % off; the largest is exact.
//
// One owner. Memory: 20 KiB, allocated at once.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace nf {

class TimeHistogram {
 public:
  void add(std::uint64_t ns) {
    ++counts_[step_of(std::min(ns, kNsMax))];
    ++count_;
    max_ = std::max(max_, ns);
  }
  void add(const TimeHistogram& other) {
    for (std::size_t step = 0; step < counts_.size(); ++step) counts_[step] += other.counts_[step];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  std::uint64_t count() const { return count_; }

  // Nanoseconds that at least `part` of all times do not exceed; 0 if there are none.
  std::uint64_t percentile(double part) const {
    if (count_ == 0) return 0;
    const double rank = std::max(std::ceil(part * static_cast<double>(count_)), 1.0);
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      seen += counts_[step];
      if (seen == count_) break;
      if (static_cast<double>(seen) >= rank) return std::min(top_of(step), max_);
    }
    return max_;
  }

 private:
  static constexpr int kStepBits = 6;
  static constexpr std::uint64_t kSteps = 1u << kStepBits;
  static constexpr std::uint64_t kNsMax = (std::uint64_t{1} << 45) - 1;  // ten hours

  // Below kSteps each value is its own step; above, the leading bits choose.
  static std::size_t step_of(std::uint64_t ns) {
    if (ns < kSteps) return static_cast<std::size_t>(ns);
    const int shift = static_cast<int>(std::bit_width(ns)) - kStepBits - 1;
    return static_cast<std::size_t>(shift) * kSteps + static_cast<std::size_t>(ns >> shift);
  }
  static std::uint64_t top_of(std::size_t step) {
    if (step < 2 * kSteps) return step;
    const std::uint64_t shift = step / kSteps - 1;
    return ((step % kSteps + kSteps + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(step_of(kNsMax) + 1);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace nf
