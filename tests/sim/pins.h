// Pins: what a session pins for now and for later, looks at in passing, and waits for.
//
// An actor; see stage.h. What is held, and what pins promise, is PinWatch's to know.
#pragma once

#include <functional>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Pins {
  void act(Stage& stage, const std::function<void()>& look);  // after each step of a wait
  void check(Stage& stage);  // after each step of the pipeline, of an update or of a wait
  void settle(Stage& stage);
  // Where memory is never short and the disk is honest again, it comes, and the wait ends by
  // itself.
  void wait_until_there(Stage& stage, ContainerId id);

 private:
  void wait_a_little(Stage& stage, ContainerId id, const std::function<void()>& look);
  void check_waited(Stage& stage, ContainerId id, const Result<void>& waited) const;
};

}  // namespace nf::sim
