// InterestSets: for each observer the containers that it is bound to, as it was last told, and what
// binds and unbinds it this time.
//
// Thread: the owner's. Allocates in `make` only. Pure: the same calls give the same answers. An
// observer costs nothing until something on its lists changed sides; then its set and its lists are
// compared, and nobody else's. Sets are pieces of one pool, ascending; who finds none that is long
// enough takes what is too long from others.
//
// The set is what was told: where more changes than one round may tell, the rest waits for the next
// ones, and is told as it stands then.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/frame_events.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/buddy_pool.h"
#include "core/interest/candidates.h"
#include "core/interest/wanted.h"

namespace nf {

// On an observer's lists, and not outside.
struct NearContainer {
  ContainerId id;
  Nearness nearness = Nearness::outside;
};

struct InterestSetsOptions {
  std::uint32_t observers_max = 1;
  std::uint32_t set_mean = 256;  // containers of one observer, on average
  std::uint32_t near_max = 256;  // that `near` can name
  std::uint32_t binds_max = 1;   // in one round, and as many unbound
};

class InterestSets {
 public:
  // One observer alone may have this many times the average, as far as the pool goes.
  static constexpr std::uint32_t kSetsInOne = 4;

  InterestSets() = default;  // off: nobody is bound to anything
  static Result<InterestSets> make(const InterestSetsOptions& options);
  bool on() const { return on_; }

  void join(std::uint32_t slot, ObserverId id);
  void leave(std::uint32_t slot);  // unbinds it from all
  void mark(std::uint32_t slot);   // something on its lists may have changed sides

  // As of the last round, ascending; until the next round.
  std::span<const ContainerId> of(std::uint32_t slot) const;

  // Whether some of these are in a set whose turn has not come yet, in the last round; the others
  // are as the lists are.
  bool still_binds(ContainerRange gone) const;

  // A round: begin; while there is a `next_marked`, fill `near` for that slot and `compare`;
  // finish.
  void begin();
  bool next_marked(std::uint32_t& slot);
  std::span<NearContainer> near() { return near_.span(); }
  void compare(std::uint32_t slot, std::size_t near_count);
  // Valid until the next `begin`.
  InterestChanges finish();

  std::uint64_t overflows() const { return overflows_; }  // sets that had no room for all

 private:
  static constexpr std::uint32_t kSmallest = 16;  // ids in a granule

  struct Set {
    ObserverId observer;
    std::uint32_t granule = 0;
    std::uint32_t count = 0;
    std::uint32_t capacity = 0;
    bool marked = false;
    bool starved = false;     // there was no room for all of it, and there may be some day
    bool on_starved = false;  // starved or not any more
  };

  struct Outcome {
    bool told_all = true;
    bool fits = true;
    std::uint32_t unbound = 0;
  };

  static std::uint32_t order_for(std::uint32_t count);
  ContainerId* ids_of(const Set& set);
  void mark_starved();
  std::uint32_t count_new(const Set& set, std::span<const NearContainer> near);
  void make_room(Set& set, std::uint32_t count);
  std::uint32_t take_up_to(const Set& asker, std::uint32_t& order);
  void join_neighbours(Set& set, std::uint32_t order);
  std::uint32_t longest_for(const Set& set) const;
  void take_slack(const Set& asker);
  void give_back_slack(Set& set);
  void shorten(Set& set, std::uint32_t order);
  void move_to(Set& set, std::uint32_t granule, std::uint32_t order);
  void release(Set& set);
  void starve(std::uint32_t slot, bool starved);
  Outcome merge(Set& set, std::span<const NearContainer> near);
  bool tell(Array<Bind>& told, std::uint32_t& count, const Set& set, ContainerId id);
  bool unbind_departed();

  InterestSetsOptions options_;
  bool on_ = false;
  Array<Set> sets_;      // by slot
  Array<Set> departed_;  // of observers that are gone and were not told all
  std::uint32_t departed_count_ = 0;
  Array<std::uint32_t> marked_;  // slots
  std::uint32_t marked_count_ = 0;
  std::uint32_t next_ = 0;        // in marked_
  std::uint32_t kept_ = 0;        // of marked_, for the next round
  Array<std::uint32_t> starved_;  // slots
  std::uint32_t starved_count_ = 0;
  std::uint32_t starving_ = 0;    // of these, those that still are
  std::uint32_t slots_used_ = 0;  // slots at or past it were never taken
  bool room_came_back_ = false;   // since they were last marked
  bool slack_taken_ = false;      // in this round
  BuddyPool pool_;
  Array<ContainerId> ids_;
  Array<NearContainer> near_;
  Array<ContainerId> merged_;  // scratch
  Array<Bind> bound_, unbound_;
  std::uint32_t bound_count_ = 0;
  std::uint32_t unbound_count_ = 0;
  bool told_all_ = true;  // of this round so far
  std::uint64_t overflows_ = 0;
};

}  // namespace nf
