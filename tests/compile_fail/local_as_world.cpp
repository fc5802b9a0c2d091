// A float place inside a container is not a double place in the world.
#include <nearfield/types.h>

#ifdef NF_MISUSE
nf::WorldPosition place(nf::LocalVector local) {
  return local;
}
#else
nf::WorldPosition place(nf::LocalVector local) {
  return {local.x, local.y, local.z};
}
#endif
