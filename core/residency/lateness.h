// Lateness: what kept a container from being there when it was needed, told from a few times in its
// history.
//
// Pure: times in, a cause out. Each phase of an arrival is compared with what it takes when nothing
// is in the way, and so is the time ahead of need from which it was wanted. The largest excess is
// the cause.
#pragma once

#include <cstdint>

#include <nearfield/frame_events.h>
#include <nearfield/types.h>

namespace nf {

// Since a container began to be wanted. Never: not yet, or not at all.
struct ArrivalHistory {
  Time wanted_since = Time::never();
  Time memory_since = Time::never();  // first found no room, or had to give up its own
  Time failed_since = Time::never();  // the first attempt that failed began
  Time load_at = Time::never();       // the last attempt began
  Time read_at = Time::never();       // its stored bytes were there
  Time ready_at = Time::never();      // decoded
  Time announced_at = Time::never();
  // While the load had not begun: where the total below stood when it began to be wanted. From then
  // on: for how long others found no memory meanwhile.
  Duration memory_short = {};
  // What reading and decoding were expected to take; known when they are over.
  Duration bare_read = {}, bare_decode = {};
};

// What a load takes when nothing is in the way, learnt from loads: a latency, and a rate. The
// latency is the least that was seen, forgotten slowly where loads that were alone took longer; the
// rate is bytes over what else the disk was busy for. A load that waits behind another is charged
// only from when that one ended, as a server in a queue is measured.
class BareTime {
 public:
  struct Sample {
    Bytes size;
    Time from, until;
    bool alone = false;  // when it began
  };
  void add(const Sample& sample);
  Duration expected(Bytes size) const;  // 0 before anything was seen

 private:
  Duration latency_ = {INT64_MAX};
  Time last_until_ = {INT64_MIN};
  double bytes_ = 0, seconds_ = 0;  // of late, older ones fading
};

struct LateCase {
  Time needed_since;
  Time until;  // announced, or now
  Duration bare_read = {}, bare_decode = {};
  Duration memory_short =
      {};  // for how long others found no memory while this had not begun to load
  // When the last of what it depends on was announced; never: not yet.
  Time dependencies_at = {INT64_MIN};
  LateCause dependency = LateCause::none;  // of that one
};

// Never `none`.
LateCause find_cause(const ArrivalHistory& history, const LateCase& late);

}  // namespace nf
