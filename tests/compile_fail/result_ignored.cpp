// An error cannot be overlooked: a Result that nobody looks at is a mistake.
#include <nearfield/streamer.h>

#ifdef NF_MISUSE
void mount(nf::Streamer& streamer, const nf::Source& source) {
  streamer.mount(source);
}
#else
bool mount(nf::Streamer& streamer, const nf::Source& source) {
  return streamer.mount(source).has_value();
}
#endif
