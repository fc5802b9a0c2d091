#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace nf {

void assert_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "nearfield: bug: %s is false at %s:%d\n", expression, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace nf
