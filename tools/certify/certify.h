// certify: which containers can be late, whatever an observer does that is no faster than was
// stated, and by how much at most.
//
// Pure; any thread. Borrows the World.
//
// The argument. Reads go in the order of the earliest moment at which each container can be needed,
// and that moment never moves forward. So what is needed at some moment waits, from any moment
// before it on, for nothing but what can be needed by then, seen from where the observer was; and
// if all of that can be loaded in the time between, it is there (the processor demand of Baruah,
// Rosier, Howell, "Algorithms and complexity concerning the preemptive scheduling of periodic,
// real-time tasks on one processor", 1990). Several such times are tried. What is left is asked
// again with what was needed before taken for there, and with what is on the list taken for loaded
// since the disk was last idle. All places are looked at by halving boxes: in a box distances are
// known to half its diagonal, which counts against us.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/predict/envelope.h"
#include "tools/certify/demand.h"

namespace nf::certify {

struct Question {
  MotionEnvelope envelope;
  Supply supply;
  ContainerRange about;   // none: everything. What lies outside is loaded, but not judged
  double resolution = 0;  // metres: the widest side of boxes that are not halved any more; 0: own
  bool ignore_holes = false;            // take memory for one piece: then nothing is proven of it
  std::uint64_t boxes_max = 4'000'000;  // looked at; beyond, boxes stay as large as they are
  // Called now and then with the share done; false: stop.
  std::function<bool(double)> progress;
};

enum class Cause : std::uint8_t {
  none,
  deadline,  // too much comes within reach at one time
  holes,     // it fits into memory, but perhaps not into the pieces that are free
  memory,    // what is wanted at one time does not fit
  limit,     // it is more containers than a list takes, or in more bodies than one observer sees
};

struct Bound {
  double seconds = 0;  // of lateness at most; where memory is the cause there is no bound
  Cause cause = Cause::none;
};

struct Spot {  // a box from which something can be late
  WorldBox box;
  double seconds = 0;
  Cause cause = Cause::none;
  ContainerId first;  // of what can be late, the one whose bound is highest
};

struct Certificate {
  std::vector<Bound> bounds;  // by container; cause none: safe
  std::vector<Spot> worst;    // highest first, from places that are apart
  std::uint32_t asked = 0;
  std::uint32_t safe = 0;
  double slack = 0;          // seconds that were left at the tightest place, if all are safe
  double lateness_max = 0;   // seconds
  double memory_most = 0;    // bytes, of what is wanted and kept at one time
  double memory_surely = 0;  // bytes with which it fits whatever holes there are between
  std::uint32_t listed_most = 0;
  std::uint32_t eyes_most = 0;  // Eyes::kEyesPerObserverMax is what an observer has
  std::uint64_t boxes = 0;
  bool carries = false;  // somewhere more comes within reach than is loaded meanwhile, all along
  bool coarse = false;   // boxes_max was reached
  bool stopped = false;
};
Certificate certify(const World& world, const Question& question);

}  // namespace nf::certify
