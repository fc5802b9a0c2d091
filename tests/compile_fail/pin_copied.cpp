// A Pin holds memory for one owner: it moves and is never copied.
#include <utility>

#include <nearfield/streamer.h>

#ifdef NF_MISUSE
nf::Pin second(const nf::Pin& pin) {
  return pin;
}
#else
nf::Pin taken(nf::Pin& pin) {
  return std::move(pin);
}
#endif
