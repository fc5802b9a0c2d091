// Intents: what observers are about to do, by gates and otherwise. Some jump where they said, some
// change their minds, some never come; what is loaded for it stays within its share, and nothing
// of it is left when all have been withdrawn. When the faults have stopped, some stand: then all
// that the places need where they lead to comes, if the share holds it.
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

  // Some that stay, while nobody moves. `kept`: what may be for other reasons, as Needs says.
  void stand(Stage& stage, const Walkers& walkers, const std::vector<bool>& kept);
  void hold(Stage& stage) const;  // each frame
  bool met(const Stage& stage) const;

 private:
  struct Stated {
    IntentId id;
    ObserverId observer;
    Intent intent;
  };

  void take_turn(Stage& stage, Walkers& walkers);
  void state(Stage& stage, const Walker& walker);
  void change(Stage& stage, Stated& stated) const;
  void keep(Stage& stage, const Stated& stated) const;
  void look(const Stage& stage, const Walker& walker, const Intent& intent);
  bool fits(const Stage& stage, const std::vector<bool>& kept) const;

  std::vector<Stated> all_;  // some may have expired
  View view_;
  std::vector<bool> awaited_;   // by container: needed at the far side
  std::vector<bool> foretold_;  // may be wanted there
  std::vector<bool> held_;      // with what those depend on
  std::uint32_t listed_ = 0;    // of what may be wanted: for each intent again
};

}  // namespace nf::sim
