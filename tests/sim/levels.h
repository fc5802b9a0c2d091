// Levels: what the streamer says is to be displayed of containers that come in several levels,
// against the rule: no hole, nothing twice, and the finest that is there.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Levels {
  // After EventLog has taken them.
  void take(Stage& stage, const FrameEvents& events);

 private:
  void note_new(Stage& stage);
  void check_rule(Stage& stage) const;
  void check_cover(Stage& stage) const;

  std::uint64_t version_ = 0;      // of the model that these go by
  std::vector<bool> shown_;        // by container, as the events say
  std::vector<bool> has_levels_;   // it is one or has some
  std::vector<bool> is_replaced_;  // some of its finer levels say so
};

}  // namespace nf::sim
