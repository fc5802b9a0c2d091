// LateWatch: what is told of lateness, against what was seen beside it: since when each container
// is needed in plain geometry, when its reads came back, when it failed or gave up its memory.
//
// How late an arrival is follows from geometry but for its rounding. The causes are told by how
// long each phase of an arrival took beyond what it takes by itself; of each that is known here
// within bounds, and a cause that can be no longer than another surely is contradicts them. Not in
// sessions of crowds: who looks at all of it in every frame is slow.
//
// An actor; see stage.h.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

class LateWatch {
 public:
  // After each step of a wait: as of the time that the streamer was told last, which stands still.
  void look_in_wait(const Stage& stage, const Walkers& walkers);
  // After EventLog has taken them.
  void take(Stage& stage, const FrameEvents& events, const Walkers& walkers);

 private:
  // At the earliest and at the latest.
  struct Span {
    Duration least, most;
  };
  using Spans = std::array<Span, kLateCauses>;
  // Since a container is wanted; of one that arrived, until then.
  struct Course {
    Time wanted_from = Time::never();   // not sooner
    Time wanted_by = Time::never();     // not later, unless never
    Time dropped_from = Time::never();  // needed before that, and a limit dropped it until then
    Time load_at = Time::never();       // the last attempt began
    Time came_at = Time::never();       // its last read so far
    Time next_at = Time::never();       // the frame after that
    Time arrived_at = Time::never();
    bool failed = false;
    bool gave_up = false;       // what was loaded or on its way
    bool memory_short = false;  // perhaps, in some frame
    bool blurred = false;       // by a wait: when things happened is not known
  };
  struct Known {
    Time maybe_since = Time::never();   // needed, at every look
    Time surely_since = Time::never();  // surely so
    bool dropped = false;               // at a limit, perhaps, in some frame since then
    bool there = false;                 // after the last frame, or step of a wait
    // In the steps of a wait since the last frame.
    bool left = false;
    bool came = false;
    Span came_late;
    Time perhaps_since = Time::never();  // needed, if it left: it looks as if it may have
    Course course;
  };
  // What the next frame's counters must lie between.
  struct Counts {
    std::uint64_t least = 0, most = 0;
  };

  static bool watches(const Stage& stage) { return stage.plan.looks_every_frame(); }
  void look(const Stage& stage, const Walkers& walkers);
  void note_needs(const Stage& stage, Time at);
  Span lateness(const Known& known, Time now) const;
  void note_left_in_wait(const Stage& stage, ContainerId id);
  void note_left(Known& known);
  void check_arrivals(Stage& stage, const FrameEvents& events);
  void check_counts(Stage& stage, const FrameEvents& events);
  void follow(const Stage& stage, const FrameEvents& events);
  void follow(const Stage& stage, ContainerId id);
  bool may_be_short(const Stage& stage) const;
  void note_reads(const Stage& stage);

  struct Case {
    ContainerId id;
    Time needed_since;
    Time until;
    // Of what another one depends on: that holds all of it or none, and for want of places not
    // before the last of it found one. Until then it waits for neither the disk nor its turn, and
    // what was wanted already may be let go and held anew in that frame.
    Time held_by = Time::never();
    bool asks_others = true;  // that it depends on
  };
  Spans excesses(const Stage& stage, const Course& course, const Case& late, Time others_at) const;
  bool may_be(const Stage& stage, const Case& late, LateCause cause) const;
  Duration bare_read_most(const Stage& stage, ContainerId id) const;
  Duration bare_decode_most(const Stage& stage, ContainerId id) const;

  std::vector<Known> all_;  // by container
  std::vector<bool> surely_, maybe_;
  View view_;
  Counts closed_;  // of what was needed and never came
  std::uint64_t late_before_ = 0;
  Bytes free_before_;
  bool some_frame_ = false;
  Time arrival_at_ = {INT64_MIN};  // the last frame before this one in which something arrived
  // The longest that any load took, in all and for each byte.
  struct Longest {
    double seconds = 0, seconds_a_byte = 0;
    void add(Duration took, std::uint64_t size);
    Duration of(std::uint64_t size) const;
  } reading_, decoding_;
};

}  // namespace nf::sim
