// Counts what a thread takes from the heap while it asks for that: every malloc of the process goes
// by here, whoever calls it.
//
// Each thread counts for itself. Only the program nearfield_bench has the counter.
#pragma once

#include <cstdint>

namespace nf::bench {

// False where malloc cannot be stood in for: another C library than glibc, or a sanitizer.
bool allocations_can_be_counted();

// Of this thread, from now on / until now. Not nested.
void start_counting_allocations();
std::uint64_t stop_counting_allocations();

}  // namespace nf::bench
