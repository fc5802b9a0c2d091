// An id does not turn into a number by itself.
#include <cstdint>

#include <nearfield/types.h>

#ifdef NF_MISUSE
std::uint32_t number(nf::ContainerId id) {
  return id;
}
#else
std::uint32_t number(nf::ContainerId id) {
  return id.value;
}
#endif
