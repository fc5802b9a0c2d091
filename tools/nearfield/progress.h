// Progress: how far a long verb is. On a terminal one line that redraws itself, with rate and time
// left; elsewhere a plain line now and then; nothing with --json or --quiet.
//
// Main thread. Writes to standard error only.
#pragma once

#include <cstdint>
#include <string>

#include <nearfield/types.h>

namespace nf {

// What is counted. Of steps only the share is shown.
enum class ProgressUnit { bytes, milliseconds, steps };

struct ProgressOptions {
  std::string what;   // "packing"
  bool shown = true;  // false: silent
  ProgressUnit unit = ProgressUnit::bytes;
};

class Progress {
 public:
  explicit Progress(ProgressOptions options);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap enough to call for every step; draws a few times a second at most.
  void update(std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  std::string line(std::uint64_t done, std::uint64_t total, double elapsed) const;

  ProgressOptions options_;
  bool terminal_ = false;
  bool drawn_ = false;
  std::int64_t started_ns_ = 0;
  std::int64_t drawn_ns_ = 0;
};

// The bar itself: "[########........]". Pure.
std::string progress_bar(double part, std::size_t width);

}  // namespace nf
