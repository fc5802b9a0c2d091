// The operators that count, for all tests of this program.
#include "tests/unit/core/interest/allocations.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

namespace {
std::atomic<std::uint64_t> allocations{0};
}

// A sanitizer brings operators of its own.
#ifndef NF_SANITIZED
// Not inlined, so that the compiler does not see malloc meet delete and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace nf {

std::uint64_t test::allocations() {
  return ::allocations.load();
}

namespace {

TEST(Allocations, are_counted) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a sanitizer brings operators of its own";
#endif
  const std::uint64_t before = test::allocations();
  const std::vector<int> taken(1000);
  EXPECT_EQ(taken.size(), 1000u);
  EXPECT_GT(test::allocations(), before);
}

}  // namespace
}  // namespace nf
