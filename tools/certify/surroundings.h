// Surroundings: what an observer somewhere in a ball has around it, and what it may come to want
// next.
//
// One owner. Borrows the World and the Demands. Distances to a ball are known to its radius: what
// may be near counts as near, and only what surely is counts as there already. Bodies in reach are
// counted as the runtime finds them (core/interest/eyes.h), from whichever body the observer's
// motion is stated in.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/predict/envelope.h"
#include "core/world/world.h"
#include "core/world/world_box.h"
#include "tools/certify/demand.h"

namespace nf::certify {

// Metres beyond the load distance.
struct Reaches {
  double sure = 0;    // at most this far: on the list, in every frame
  double wanted = 0;  // at most this far: perhaps on the list, to be loaded
  double kept = 0;    // likewise, but not begun any more
  double held = 0;    // at most this far: in memory, perhaps
  double outer = 0;   // farther matters not
  double looked = 0;  // at most this far a look goes, along each axis of any body's frame
  double speed = 0;   // metres a second
};
Reaches reaches_of(const MotionEnvelope& envelope, Duration lookahead);
// Within one such time nothing is loaded twice for an observer that goes to and fro.
double piece_seconds(Duration lookahead);

struct Entering {
  double at = 0;  // seconds until it may be wanted; 0: at once
  double demand = 0;
  std::uint32_t id = 0;
  bool listed = false;
  friend bool operator<(const Entering& a, const Entering& b) {
    return a.at != b.at ? a.at < b.at : a.id < b.id;
  }
};

struct View {
  std::span<Entering> entering;        // in no order; what is not surely on the list
  std::span<const std::uint32_t> ids;  // all that there is, with what it depends on
  double entering_demand = 0;          // seconds, of all
  double others_demand = 0;            // seconds, of those that may be on the list and do not enter
  double listed_demand = 0;            // seconds, of all that may be on the list
  double due_demand = 0;          // seconds, of all that may be needed within a time, see below
  double listed_largest = 0;      // seconds, of one that may be on the list
  double later_largest = 0;       // likewise, and is not due
  std::uint32_t loaded_most = 0;  // of all that may be on the list, with what it depends on
  double memory = 0;              // bytes, of all that may be held
  double largest = 0;             // bytes, of one
  std::uint32_t blocks = 0;
  std::uint32_t listed = 0;  // places; what they depend on is on no list
  std::uint32_t eyes = 0;    // at most so many does an observer need; 0: not counted
};

class Surroundings {
 public:
  Surroundings(const World& world, const Demands& demands, const Reaches& reaches,
               double hysteresis);

  // Placed containers: not of templates, and with bounds. By the world's numbers.
  const std::vector<std::uint32_t>& placed() const { return placed_; }
  bool is_placed(std::uint32_t id) const { return is_placed_[id]; }
  // What it needs, all of it, by the world's numbers.
  std::span<const std::uint32_t> dependencies(std::uint32_t id) const {
    return std::span(dependencies_)
        .subspan(first_dependency_[id], first_dependency_[id + 1] - first_dependency_[id]);
  }
  // Within what time something may be needed to be due, from the next view on.
  void set_due_within(double seconds) { due_ = reaches_.speed * seconds; }
  // Whether views count eyes from the next one on.
  void set_counts_eyes(bool counts) { counts_eyes_ = counts; }
  // Of these, by container, whatever is surely needed already is there: it was not late. Borrowed;
  // null: nothing is taken to be there.
  void trust(const std::vector<bool>* in_time) { in_time_ = in_time; }
  // In the last view.
  bool is_due(std::uint32_t id) const {
    return seen_[id].stamp == stamp_ && seen_[id].due && !seen_[id].there;
  }
  // Every place from which anything of all this can matter.
  WorldBox bounds() const;

  // Of `candidates`, those that can matter in the ball go to `near`. The view is valid until the
  // next call.
  View look(std::span<const std::uint32_t> candidates, WorldPosition center, double radius,
            std::vector<std::uint32_t>* near);
  const Place& place(std::uint32_t id) const { return places_[id]; }

 private:
  struct Seen {
    double at = 0;
    std::uint32_t stamp = 0;
    bool sure = false;
    bool due = false;
    bool there = false;
    bool listed = false;
    bool held = false;
  };

  void note(std::uint32_t id, const Seen& seen);
  View sum_up();
  std::uint32_t count_eyes(WorldPosition center, double radius);

  const World& world_;
  const Demands& demands_;
  Reaches reaches_;
  double hysteresis_;
  std::vector<Place> places_;  // in the frame of their space
  std::vector<std::uint32_t> placed_;
  std::vector<bool> is_placed_;
  std::vector<std::uint32_t> first_dependency_;
  std::vector<std::uint32_t> dependencies_;
  std::vector<Seen> seen_;
  std::vector<std::uint32_t> ids_;
  std::vector<Entering> entering_;
  struct InBody {
    BodyId body;
    WorldPosition at;  // of the ball's centre
  };
  std::vector<InBody> bodies_;        // scratch
  std::uint32_t bodies_between_ = 0;  // from any body up to its space, at most
  bool counts_eyes_ = false;
  std::uint32_t stamp_ = 0;
  double due_ = 0;  // metres
  const std::vector<bool>* in_time_ = nullptr;
};

}  // namespace nf::certify
