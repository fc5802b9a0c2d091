// Needs: what must be in memory, reckoned in plain geometry over all containers and all observers,
// and what the streamer says of it.
//
// One owner, no thread of its own.
#pragma once

#include <vector>

#include "tests/sim/pins.h"
#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

struct Needs {
  // What an observer is inside of and what is not there for the second frame in a row must be known
  // to be late, unless a limit dropped it.
  void check(Stage& stage, const Walkers& walkers);

  // Whether everything inside a bubble, and what it depends on, is resident; and whether it can be.
  struct Met {
    bool all = true;
    bool fits = true;
  };
  Met met(const Stage& stage, const Walkers& walkers, const Pins& pins) const;

 private:
  std::vector<bool> was_missing_;  // by container: needed and not there after the last frame
};

}  // namespace nf::sim
