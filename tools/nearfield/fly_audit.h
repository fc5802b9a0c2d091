// FlyAudit: a second opinion on every arrival. Walks the flight at a fixed rate, finds what its
// bubble touches with plain geometry, and looks whether the Streamer had it.
//
// A container that was needed and left behind before it arrived never shows up among arrivals: here
// it does. Which containers were touched depends on the flight alone, never on timing, so that runs
// on different devices can be compared by one hash of their bytes.
// Thread: the Streamer's owner. Borrows World and Streamer. Allocates when its lists grow.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/streamer.h>

#include "core/world/world.h"
#include "tools/nearfield/flight.h"

namespace nf {

// Needed before it was resident.
struct LateArrival {
  ContainerId id;
  double seconds = 0;      // of flight, when it was needed
  double lateness = 0;     // seconds; of a missed one, for how long it was needed
  bool missed = false;     // it did not arrive while it was needed
  bool no_memory = false;  // there was a moment when nothing else kept it from being read
  LateCause cause = LateCause::none;  // none: the Streamer could not tell
};

class FlyAudit {
 public:
  FlyAudit(const World& world, const Streamer& streamer, const Flight& flight);

  // Looks at every step of the flight up to `seconds`, and at what the Streamer holds now.
  void look(double seconds);
  // What is needed at this moment and not resident.
  std::vector<ContainerId> absent(double seconds);
  // An arrival that the Streamer has counted as late itself needs no second record. Whether it
  // wanted for memory.
  bool note_reported(ContainerId id);
  // The flight is over: what is absent counts as late up to this moment, and no longer.
  void finish(double seconds);

  // Something is needed that is not resident.
  bool waiting() const { return !needs_.empty(); }
  std::span<const LateArrival> late() const { return late_; }  // not reported by the Streamer
  bool touched(ContainerId id) const { return touched_[id.value]; }
  std::uint64_t touched_count() const { return touched_count_; }

 private:
  struct Need {
    ContainerId id;
    double since = 0;
    bool inside = true;
    bool reported = false;
    bool no_memory = false;
    LateCause cause = LateCause::none;  // as the Streamer last told it
  };

  // What the bubble reaches, into found_.
  void find_needed(double seconds);
  void find_needed_in(BodyId body, WorldPosition at);
  void step(double seconds);
  void add_late(const Need& need, double until, bool missed);
  void touch(ContainerId id);
  bool resident(ContainerId id) const;

  const World& world_;
  const Streamer& streamer_;
  const Flight& flight_;
  std::uint64_t steps_done_ = 0;
  std::size_t hint_ = 0;
  std::vector<ContainerId> found_;
  std::vector<bool> touched_;
  std::uint64_t touched_count_ = 0;
  std::vector<Need> needs_;  // open: needed and not resident
  std::vector<LateArrival> late_;
  bool finished_ = false;
};

}  // namespace nf
