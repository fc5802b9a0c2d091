// The same reads as PlainLoop's through a Device of ours: the owner submits, sleeps, reaps.
//
// One thread, which owns the Device.
#pragma once

#include "bench/disk/read_work.h"

namespace nf::bench {

ReadSample read_with_device(Device& device, const ReadWork& work);

struct UrgentWork {
  FileHandle file;
  Bytes file_size;
  std::span<std::byte> memory;  // all of it is used
  std::size_t background_block = 1u << 20;
  std::size_t background_reads = 0;  // held by the device all the time; 0: the urgent ones alone
  std::size_t urgent_block = 64u << 10;
  double pause_seconds = 0.003;  // between an urgent read's end and the next one
  double seconds = 0;
  std::uint64_t seed = 1;
};

// Urgent reads one at a time, each with a deadline before all of the background; ReadSample is
// about the urgent ones only.
ReadSample read_urgently(Device& device, const UrgentWork& work);

}  // namespace nf::bench
