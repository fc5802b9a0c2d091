// Ids of two kinds cannot be compared, not even to say that they differ.
#include <nearfield/types.h>

#ifdef NF_MISUSE
bool equal(nf::ContainerId a, nf::ChunkId b) {
  return a == b;
}
#else
bool equal(nf::ContainerId a, nf::ContainerId b) {
  return a == b;
}
#endif
