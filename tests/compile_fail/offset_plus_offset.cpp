// Two places in a file have a distance, but no sum.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::FileOffset sum(nf::FileOffset a, nf::FileOffset b) {
  return a + b;
}
#else
nf::Bytes distance(nf::FileOffset a, nf::FileOffset b) {
  return a - b;
}
#endif
