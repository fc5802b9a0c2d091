// Changes: what comes and goes while the world runs. Templates are spawned and despawned, archives
// are mounted, taken away and mounted again once they are gone.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

struct Changes {
  void act(Stage& stage, Walkers& walkers);

 private:
  struct Spawned {
    ContainerId root;
    ContainerId of;
    std::uint32_t count = 0;
  };

  void take_turn(Stage& stage, Walkers& walkers);
  void act_on_second(Stage& stage, Walkers& walkers);
  void unmount(Stage& stage, Walkers& walkers);
  void spawn(Stage& stage);
  void despawn(Stage& stage, Walkers& walkers);
  void ask_of_nothing(Stage& stage) const;
  void ask_in_template(Stage& stage, ContainerId id) const;
  void remove(Stage& stage, Walkers& walkers, ContainerRange range);

  std::vector<Spawned> spawned_;
  ContainerRange second_;  // the second archive, while it is mounted or on its way out
  bool despawned_of_second_ = false;
  enum class State { out, in, leaving } second_is_ = State::out;
};

}  // namespace nf::sim
