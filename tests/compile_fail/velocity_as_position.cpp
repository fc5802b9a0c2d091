// Where an observer is and how fast it moves cannot be swapped.
#include <nearfield/streamer.h>

#ifdef NF_MISUSE
nf::Motion motion(nf::WorldPosition at, nf::WorldVector v) {
  return {.position = v, .velocity = at};
}
#else
nf::Motion motion(nf::WorldPosition at, nf::WorldVector v) {
  return {.position = at, .velocity = v};
}
#endif
