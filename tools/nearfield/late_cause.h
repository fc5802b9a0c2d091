// What made something late, in the words of somebody who has never seen the runtime, and what one
// would do about it.
//
// Pure; any thread. The strings are constants.
#pragma once

#include <nearfield/frame_events.h>

namespace nf {

// `none` stands for what the runtime could not tell: of something late there is always a cause.
struct CauseWords {
  const char* name;    // "disk": in JSON
  const char* label;   // "the disk": of one arrival
  const char* what;    // what happened
  const char* remedy;  // what helps
};
const CauseWords& words_of(LateCause cause);

}  // namespace nf
