// Needs: what must be in memory and what may be, reckoned in plain geometry over all containers and
// all observers (WorldModel), against what the streamer has.
//
// One owner, no thread of its own.
#pragma once

#include <vector>

#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

struct Needs {
  // After an update: what an observer is inside of is wanted, unless a limit dropped it; what is
  // not there for the second frame in a row is known to be late.
  void check(Stage& stage, const Walkers& walkers);

  // Whether everything inside a bubble, and what it depends on, is resident; and whether it can be.
  struct Met {
    bool all = true;
    bool fits = true;
  };
  Met met(const Stage& stage, const Walkers& walkers);

  // What of all containers may be kept where all stand, with what it depends on.
  std::vector<bool> may_be_kept(const Stage& stage, const Walkers& walkers);
  // Where all stand and have stood for longer than any forecast reaches: nothing is wanted that is
  // near nobody, and pinned by nobody.
  void check_kept(Stage& stage, const Walkers& walkers);
  // Where nobody is left. True once all memory but that of what may be needed again has come back.
  bool check_forgotten(Stage& stage) const;

 private:
  void look(const Stage& stage, const Walkers& walkers);
  void look_as(const Stage& stage, const Walker& walker);

  View view_;                      // of the walker that looked last
  std::vector<bool> inside_;       // by container: surely so of some bubble
  std::vector<bool> near_;         // hysteresis or what a forecast of one who stands may reach
  std::vector<bool> reachable_;    // by one that never exceeds a speed
  std::vector<bool> was_missing_;  // by container: needed and not there at the last look
  std::uint64_t looked_at_ = 0;    // step of it
};

}  // namespace nf::sim
