// Two moments have a distance, but no sum.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::Time sum(nf::Time a, nf::Time b) {
  return a + b;
}
#else
nf::Duration between(nf::Time a, nf::Time b) {
  return a - b;
}
#endif
