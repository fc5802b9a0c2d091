// Costs: an engine that says what its work on arrivals and leavings took, honestly or not, and sees
// whether the budgets of each frame held.
//
// One owner, no thread of its own.
#pragma once

#include <vector>

#include "core/schedule/activation_costs.h"
#include "tests/sim/stage.h"

namespace nf::sim {

class Costs {
 public:
  // After the log has taken them.
  void check(Stage& stage, const FrameEvents& events);
  void act(Stage& stage, const FrameEvents& events);
  bool some_linger() const { return some_linger_; }  // after the last frame

 private:
  void forget_what_was(const Stage& stage);
  static bool is_asked_for(const Stage& stage, ContainerId id);
  bool within(const Stage& stage, std::span<const ContainerId> ids, Activation what,
              std::uint64_t beyond);

  ActivationCosts known_ = std::move(*ActivationCosts::create());  // what the streamer learnt
  std::vector<bool> existed_;                                      // by container
  std::vector<std::int64_t> costs_;                                // scratch
  std::vector<std::uint32_t> frames_;  // by container: to leave since then, and nothing left
  std::uint64_t hastened_ = 0;
  bool some_linger_ = false;
};

}  // namespace nf::sim
