// Eyes: each observer as it is seen in each body that it could come to need something of.
//
// An observer has one eye in the body whose frame its motion is stated in, one in each body above
// that, and one in each body below any of these whose reach its bubble or forecast touches. An eye
// has the observer's position and motion in the frame of its body, where places stand still: so
// what it lists is as right in a planet that turns, or in a ship that passes, as in a world where
// nothing moves. Where there are too few eyes, those of an observer go to what it is inside of,
// then to what it needs first, and what is only in reach takes none of the last ones of all
// observers.
//
// Thread: the owner's. Allocates in `make` and `reserve` only. Pure but for its own arrays.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/candidates.h"
#include "core/interest/container_filter.h"
#include "core/interest/interest_sets.h"
#include "core/interest/observer_lists.h"
#include "core/predict/forecast.h"
#include "core/world/box_forest.h"
#include "core/world/world.h"

namespace nf {

using EyeId = Id<struct EyeTag>;

// What every frame looks at, most used first.
struct Eye {
  ObserverList list;
  double odometer = 0;        // metres travelled since the list was collected
  double next_check = 0;      // reading at which something on the list may change sides
  double trusted_radius = 0;  // around collected_at
  Time trusted_until;
  WorldPosition position;
  WorldPosition collected_at;
  BodyId body;
  EyeId next;       // of the same observer; after the one that it is derived from
  EyeId from;       // whose position says its own; none: the observer's first
  bool up = false;  // in the parent of the body of `from`, not in a child
  bool in_use = false;
  std::uint32_t observer = 0;
  Dropped dropped;         // when the list was collected
  ForecastPiece followed;  // what the observer is expected to do
};

// How an observer stands in the body of its first eye.
struct Stance {
  std::uint32_t observer = 0;
  BodyId body;
  WorldPosition position;
  double scale = 1;
  double hysteresis = 1;
};

class WantedMerge;

struct EyesOptions {
  std::uint32_t observers_max = 1;  // each is sure of one eye
  std::uint32_t derived_max = 0;    // eyes beyond those, for all; a quarter more for what is urgent
  std::uint32_t lists_max = 1;      // of candidates_max each
  // More, where these are short: as much as the shortest list for each eye. Where there is no list
  // nothing is known, not even what is late; longer ones take what others would have.
  bool list_for_each = true;
  CollectorOptions collector;
};

class Eyes {
 public:
  static constexpr std::uint32_t kEyesPerObserverMax = 64;

  static Result<Eyes> make(const EyesOptions& options);
  Result<void> reserve(std::uint32_t bodies);

  // What a look found; `eyes` in place of those that it was given.
  struct Look {
    EyeId first;
    bool moves = false;          // some eye is expected to move in its body, or is missing
    bool short_of_room = false;  // something is dropped that may find room later, as others go
    bool may_give_way = false;   // some eye is for nothing that is urgent
  };
  // Collects anew all that the observer could need. `first`: its eyes so far; none at the
  // beginning.
  Look look(EyeId first, const World& world, const Stance& stance, const Forecast& forecast,
            Time now);
  void close(EyeId first);
  // Whether those who have eyes for nothing urgent had better look again, and give way.
  bool pressed() const { return derived_ > options_.derived_max; }
  // How often somebody gave eyes back, so that there may be room where there was none.
  std::uint64_t times_given_back() const { return times_given_back_; }

  enum class Sight {
    good,
    stale,  // to be looked at anew, at once
    off,    // good, but the observer has left what was foretold
  };
  // Where the observer is now, and what that changes on the lists.
  Sight move_to(EyeId first, const World& world, const Stance& stance, Time moved_at, Time now);

  // Whether the last `move_to` found something that came inside or went outside.
  bool sides_changed() const { return sides_changed_; }
  // What the observer's lists have that is not outside, in any order; as much as fits.
  std::size_t find_near(EyeId first, std::span<NearContainer> near) const;

  // Who has any of these on a list and needs it by then, in portions: fewer than fit are the last.
  // A few of others may be among them, as the filter is.
  std::size_t find_needs(const ContainerFilter& asked, Time until, NeedCursor& cursor,
                         std::span<ObserverNeed> found) const;

  // Calls `stale(observer)` for each one that may have to look at this body and has no eye in it.
  template <class Stale>
  void for_each_in_reach(const World& world, BodyId body, Stale stale) const;

  // Calls `visit(observer)` for each one that has an eye in this body.
  template <class Visit>
  void for_each_in(BodyId body, Visit visit) const {
    if (body.value >= queries_.trees() || queries_.empty(body.value)) return;
    queries_.visit(body.value, {.box = queries_.all(body.value).box},
                   [&](std::uint32_t leaf) { visit(eyes_[leaf].observer); });
  }

  // Of what is listed: the two passes of WantedMerge.
  void mark(WantedMerge& merge) const;
  void add_to(WantedMerge& merge, Time now) const;
  // Of what is inside and found no room on a list: on another one it may have. Once the answer is
  // there, what has not is told.
  void mark_dropped(WantedMerge& merge) const;
  void add_dropped_to(WantedMerge& merge) const;
  void tell_dropped(WantedMerge& merge) const;
  // That ought to be listed, at this moment, and bodies that there was no eye for; those that
  // several observers want count for each.
  std::uint64_t dropped() const { return dropped_; }

  // All there ever were; those not in use have empty lists.
  std::span<const Eye> all() const { return eyes_.span().first(used_); }
  bool has_eye_in(EyeId first, BodyId body) const;
  // More than this is never listed, by all eyes together.
  std::size_t listed_max() const { return lists_.capacity(); }

 private:
  struct Looking;
  static constexpr double kTrustedAlways = std::numeric_limits<double>::infinity();
  // To a body that an eye may be opened in.
  struct Way {
    BodyId body;
    EyeId from;
    bool up = false;
    Urgency urgency = {};             // of all that is there and below it, at most
    double trusted = kTrustedAlways;  // metres that the observer may go before it is inside
  };
  static constexpr std::uint32_t kWaysMax = 4 * kEyesPerObserverMax;  // that wait at one time
  // Beyond it nothing gives way to what may turn out to be less urgent.
  static constexpr std::uint32_t kEyesTriedMax = 4 * kEyesPerObserverMax;

  template <class Visit>
  void for_each_dropped(Visit visit) const;
  void set_dropped(Eye& eye, const Dropped& dropped);
  EyeId make_eye(BodyId body, std::uint32_t observer);
  void free_eye(EyeId id);
  WorldPosition derive(const Eye& eye, const World& world) const;
  EyeId join(const Way& way, Looking& looking);
  void collect(EyeId id, Looking& looking);
  void open_ways(EyeId id, Looking& looking, const IndexQuery& query);
  void open_way(const Way& way, Looking& looking);
  static bool is_less_urgent(const Way& a, const Way& b);
  static bool is_more_urgent(const Way& a, const Way& b);
  void rank_ways(Looking& looking);
  void rank(Way& way, const Looking& looking) const;
  Way take_way(Looking& looking);
  bool has_room_for(const Way& way, Looking& looking);
  bool exceeds(const Looking& looking, const Urgency& urgency, std::uint32_t more) const;
  void give_way(Looking& looking);
  void leave_out(EyeId from, double trusted, Looking& looking);
  Urgency urgency_of_eye(EyeId id) const;
  bool recheck(Eye& eye, const Forecast& forecast, const World& world, const Bubble& bubble,
               Time now);
  bool change_sides(ObserverList& list, std::uint32_t i, Nearness to, const Need& need) const;

  EyesOptions options_;
  Array<Eye> eyes_;
  Array<Forecast> forecasts_;  // by eye
  Array<std::uint32_t> free_;
  std::uint32_t free_count_ = 0;
  std::uint32_t used_ = 0;        // eyes at or past it were never in use
  std::uint32_t derived_ = 0;     // of those in use
  std::uint32_t urgent_max_ = 0;  // of those: what only urgent ones may exceed derived_max by
  std::uint64_t times_given_back_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_inside_ = 0;
  bool sides_changed_ = false;
  ObserverLists lists_;
  Collector collector_;
  Array<Way> ways_;    // of the look that is on its way
  BoxForest queries_;  // tree: body; leaf: eye; box: what it asked about
};

template <class Stale>
void Eyes::for_each_in_reach(const World& world, BodyId body, Stale stale) const {
  const Body& moved = world.bodies()[body];
  if (!moved.parent.valid()) return;
  const BoxForest::Entry& reach = world.bodies().children().entry(body.value);
  // An eye's entry holds what its scale adds, so that the product is the same from both sides.
  const IndexQuery query{.box = reach.box, .reach_scale = 1 + reach.load_distance};
  queries_.visit(moved.parent.value, query,
                 [&](std::uint32_t leaf) { stale(eyes_[leaf].observer); });
}

}  // namespace nf
