// An id compares and does nothing else.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::ContainerId next(nf::ContainerId id) {
  return id + 1;
}
#else
nf::ContainerId next(nf::ContainerId id) {
  return {id.value + 1};
}
#endif
