// Failures: what is told as failed, against what the disk gave back: nothing fails whose reads were
// answered in time with the right bytes, and no failure of what is wanted goes untold.
//
// An actor; see stage.h.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Failures {
  // After EventLog has taken them.
  void take(Stage& stage, const FrameEvents& events);

 private:
  struct Known {
    std::uint32_t bad = 0;  // reads that came wrong since it was told as failed last
    bool told = false;      // as failed, and nothing was tried since
  };

  void note_traffic(const Stage& stage);
  void check_told(Stage& stage, ContainerId id);
  void check_untold(Stage& stage, ContainerId id);
  bool has_hung(const Stage& stage, ContainerId id) const;

  std::vector<Known> all_;               // by container
  std::map<std::uint64_t, Time> given_;  // by tag of what is out: when at the latest
};

}  // namespace nf::sim
