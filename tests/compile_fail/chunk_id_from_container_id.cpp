// An id of one kind is not an id of another.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::ChunkId chunk(nf::ContainerId container) {
  return container;
}
#else
nf::ContainerId same(nf::ContainerId container) {
  return container;
}
#endif
