#include "bench/suite/clocks.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace nf::bench {
namespace {

double seconds_on(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

double wall_seconds() {
  return seconds_on(CLOCK_MONOTONIC);
}

double process_seconds() {
  return seconds_on(CLOCK_PROCESS_CPUTIME_ID);
}

double thread_seconds() {
  return seconds_on(CLOCK_THREAD_CPUTIME_ID);
}

ProcessTime process_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {.user = seconds_of(usage.ru_utime), .system = seconds_of(usage.ru_stime)};
}

double machine_seconds() {
  std::ifstream stat("/proc/stat");
  std::string word;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0;
  if (!(stat >> word >> user >> nice >> system >> idle >> waiting >> interrupts >> soft)) return -1;
  return (user + nice + system + interrupts + soft) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace nf::bench
