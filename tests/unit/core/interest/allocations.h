// How often this program has asked for memory: the operators are in allocations_test.cpp.
//
// Test code, any thread.
#pragma once

#include <cstdint>

namespace nf::test {

std::uint64_t allocations();

}  // namespace nf::test
