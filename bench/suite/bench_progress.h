// Progress of a benchmark: one line that redraws itself on a terminal, else a plain line at each
// tenth. Writes to standard error only.
//
// Main thread. `update` throws Interrupted once Ctrl-C was pressed, so that a suite ends between
// two samples and takes its files with it.
#pragma once

#include <string>

namespace nf::bench {

struct Interrupted {};

class BenchProgress {
 public:
  BenchProgress(std::string suite, bool shown);
  ~BenchProgress();  // clears the line
  BenchProgress(const BenchProgress&) = delete;
  BenchProgress& operator=(const BenchProgress&) = delete;

  void update(const std::string& what, double done);  // done: 0 to 1

 private:
  std::string suite_;
  bool shown_;
  bool terminal_;
  bool drawn_ = false;
  int tenths_ = -1;
};

}  // namespace nf::bench
