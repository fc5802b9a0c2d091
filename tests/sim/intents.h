// Intents: what observers are about to do, by gates and otherwise. Some jump where they said, some
// change their minds, some never come; what is loaded for it stays within its share, and nothing
// of it is left when all have been withdrawn.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

struct Intents {
  void act(Stage& stage, Walkers& walkers);
  void check(Stage& stage) const;  // after each update
  void settle(Stage& stage);       // all are withdrawn

 private:
  struct Stated {
    IntentId id;
    ObserverId observer;
    Intent intent;
  };

  void state(Stage& stage, const Walker& walker);
  void change(Stage& stage, Stated& stated) const;

  std::vector<Stated> all_;  // some may have expired
};

}  // namespace nf::sim
