// Clocks: the one on the wall, and those that count processor time.
//
// Any thread; nothing is kept.
#pragma once

namespace nf::bench {

double wall_seconds();     // monotonic; only differences mean anything
double process_seconds();  // processor time of all threads of this process, user and system
double thread_seconds();   // of the calling thread

struct ProcessTime {
  double user = 0;
  double system = 0;
};
ProcessTime process_time();

// Processor time that every process of the machine, and the kernel for itself, has used, in
// seconds; in steps of 10 ms. Less than 0 where /proc/stat cannot be read.
double machine_seconds();

}  // namespace nf::bench
