#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace nf {

void assert_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "nearfield: bug: %s is false at %s:%d\n", expression, file, line);
  std::fflush(stderr);
  std::abort();
}

void misused(const char* rule) {
  std::fprintf(stderr, "nearfield: wrong use: %s\n", rule);
  std::fflush(stderr);
  std::abort();
}

}  // namespace nf
