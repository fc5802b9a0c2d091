// Walkers: the observers of a session. They join and leave, walk, fly, stop, ride in frames that
// move, go on in others, and are carried off at once; now and then an engine says nothing about one
// for a frame.
//
// An actor; see stage.h.
#pragma once

#include <vector>

#include "tests/sim/stage.h"

namespace nf::sim {

struct Walker {
  ObserverId id;
  Spot at;
  WorldVector velocity;
  Spot told;  // where the streamer believes it to be
  float scale = 1;
  double speed_max = 0;  // metres a second, if it is stated
  ContainerId visited;
};

// How far a container is for one that is somewhere, as a walker or as it will be.
struct Reach {
  bool inside = false;     // surely so of its bubble
  bool touches = false;    // perhaps inside
  bool near = false;       // hysteresis, or what a forecast of one who stands may reach
  bool reachable = false;  // by one that never exceeds its speed
};
// Only of what is placed and in the same space.
Reach reach_of(const Stage& stage, const Walker& walker, const View& view, ContainerId id);

struct Walkers {
  std::vector<Walker> all;

  void join(Stage& stage);
  void act(Stage& stage);  // joins and leaves
  void move(Stage& stage, Duration passed);
  void settle(Stage& stage);  // few are left
  void stand(Stage& stage);   // where they are
  // Each jumps to where it just needs something, often a finer level; to be moved on at once.
  void visit(Stage& stage);
  void turn_back(Stage& stage);  // a little: to where that is still kept, but not needed any more
  void leave(Stage& stage);      // all of them
  // These containers are about to be removed: who is in them goes on in what is around.
  void lose(const Stage& stage, ContainerRange removed);

 private:
  void cross(Stage& stage, Walker& walker);

  View view_;
};

}  // namespace nf::sim
