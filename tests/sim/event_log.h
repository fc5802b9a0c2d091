// EventLog: takes the events of each frame and compares what they say with what is: bytes, states,
// order, budgets.
//
// One owner, no thread of its own.
#pragma once

#include "tests/sim/stage.h"

namespace nf::sim {

struct EventLog {
  void take(Stage& stage, const FrameEvents& events);
  void check(Stage& stage);  // after each update

 private:
  void take_arrival(Stage& stage, ContainerId id);
  void check_dependents(Stage& stage, ContainerId left);

  std::uint64_t overflows_ = 0;  // after the last frame
};

}  // namespace nf::sim
