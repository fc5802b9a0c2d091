// A Result is not its value: the error is in between.
#include <nearfield/streamer.h>

#ifdef NF_MISUSE
nf::ContainerRange range(nf::Result<nf::ContainerRange> mounted) {
  return mounted;
}
#else
nf::ContainerRange range(nf::Result<nf::ContainerRange> mounted) {
  return mounted.value();
}
#endif
