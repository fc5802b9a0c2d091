// Under the address sanitizer a buffer that the kernel may write to is closed to the program:
// whoever reads or reuses it before its completion is reported. Elsewhere these do nothing. Any
// thread.
//
// The sanitizer cannot see the kernel's own writes, so nothing is reported for those.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NF_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define NF_ADDRESS_SANITIZER 1
#endif

#ifdef NF_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace nf {

inline void close_to_program([[maybe_unused]] const std::byte* begin,
                             [[maybe_unused]] std::size_t size) {
#ifdef NF_ADDRESS_SANITIZER
  __asan_poison_memory_region(begin, size);
#endif
}

inline void open_to_program([[maybe_unused]] const std::byte* begin,
                            [[maybe_unused]] std::size_t size) {
#ifdef NF_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(begin, size);
#endif
}

}  // namespace nf
