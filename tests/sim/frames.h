// Frames: the containers that an engine moves. They go round, fly straight on, jump, stop; how they
// move is stated, measured, or stated wrongly, which is a forecast and no more.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Craft {
  enum class Way { stands, circles, flies };

  ContainerId id;
  Way way = Way::stands;
  ContainerId parent;
  bool adrift = false;  // no motion is stated until it docks
  WorldPosition home;
  WorldPosition at;
  WorldVector velocity;
  double circle = 0;   // metres
  double along = 0;    // radians on it
  double rate = 0;     // radians a second
  double heading = 0;  // radians: its axes are turned about the third one
  double spin = 0;     // radians a second
};

struct Frames {
  std::vector<Craft> all;

  void act(Stage& stage, Duration passed);
  void settle(Stage& stage);  // all stand
  void stand(Stage& stage);   // says so

 private:
  void find(Stage& stage);
  void set_adrift(Stage& stage, Craft& craft) const;
  void dock(Stage& stage, Craft& craft);
  void tell(Stage& stage, const Craft& craft, const FrameMotion& motion);
  void try_nonsense(Stage& stage);

  std::uint64_t version_ = 0;  // of the model that they were found in
};

}  // namespace nf::sim
