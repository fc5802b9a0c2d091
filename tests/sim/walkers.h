// Walkers: the observers of a session. They join and leave, walk, fly, stop, and are carried off at
// once; now and then an engine says nothing about one for a frame.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Walker {
  ObserverId id;
  WorldPosition at;
  WorldVector velocity;
  WorldPosition told;  // where the streamer believes it to be
  float scale = 1;
};

struct Walkers {
  std::vector<Walker> all;

  void join(Stage& stage);
  void act(Stage& stage);  // joins and leaves
  void move(Stage& stage, Duration passed);
  void settle(Stage& stage);  // one is left at most
  void stand(Stage& stage);   // where they are
};

}  // namespace nf::sim
