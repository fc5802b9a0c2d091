#include "bench/suite/bench_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {

BenchProgress::BenchProgress(std::string suite, bool shown)
    : suite_(std::move(suite)), shown_(shown), terminal_(::isatty(STDERR_FILENO) == 1) {}

BenchProgress::~BenchProgress() {
  if (drawn_ && terminal_) std::fputs("\r\033[K", stderr);
}

void BenchProgress::update(const std::string& what, double done) {
  if (interrupted()) throw Interrupted{};
  if (!shown_) return;
  const double part = std::clamp(done, 0.0, 1.0);
  const int tenths = static_cast<int>(part * 10);
  if (!terminal_ && tenths == tenths_) return;
  tenths_ = tenths;
  const std::string line = suite_ + " " + progress_bar(part, 20) +
                           text_of(" %3.0f %%  ", part * 100) + what.substr(0, 48);
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace nf::bench
