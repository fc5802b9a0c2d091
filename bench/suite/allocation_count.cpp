#include "bench/suite/allocation_count.h"

#include <stdlib.h>

#include <cerrno>

#if defined(__GLIBC__) && !defined(NF_SANITIZED)
#define NF_COUNTS_ALLOCATIONS 1
#endif

namespace {
constinit thread_local bool counting = false;
constinit thread_local std::uint64_t allocations = 0;

[[maybe_unused]] void note_allocation() {
  if (counting) ++allocations;
}
}  // namespace

#ifdef NF_COUNTS_ALLOCATIONS
// The names under which glibc offers its own functions to those that stand in for them.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*,readability-identifier-naming)
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* at, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  note_allocation();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  note_allocation();
  return __libc_calloc(count, size);
}
void* realloc(void* at, size_t size) {
  note_allocation();
  return __libc_realloc(at, size);
}
void* memalign(size_t alignment, size_t size) {
  note_allocation();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  note_allocation();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** at, size_t alignment, size_t size) {
  note_allocation();
  *at = __libc_memalign(alignment, size);
  return *at == nullptr ? ENOMEM : 0;
}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl*,readability-identifier-naming)
#endif

namespace nf::bench {

bool allocations_can_be_counted() {
#ifdef NF_COUNTS_ALLOCATIONS
  return true;
#else
  return false;
#endif
}

void start_counting_allocations() {
  allocations = 0;
  counting = true;
}

std::uint64_t stop_counting_allocations() {
  counting = false;
  return allocations;
}

}  // namespace nf::bench
