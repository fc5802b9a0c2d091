// Two places have a difference, which is a vector, but no sum.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::WorldPosition sum(nf::WorldPosition a, nf::WorldPosition b) {
  return a + b;
}
#else
nf::WorldPosition moved(nf::WorldPosition a, nf::WorldVector v) {
  return a + v;
}
#endif
