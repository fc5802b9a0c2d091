// ObserverLists: every eye's candidates as arrays of one field, so that a merge over a thousand
// observers reads ids and nothing else, then needs and nothing else.
//
// Thread: the owner's. Allocates in `make` only.
//
// An observer deep in a ship sees little in each of many bodies, another one much in one. Lists
// are therefore pieces of one pool.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/buddy_pool.h"
#include "core/interest/candidates.h"

namespace nf {

// One eye's list. The first `listed` candidates are wanted or kept, the others only near.
class ObserverList {
 public:
  std::uint32_t count = 0;
  std::uint32_t listed = 0;
  std::uint32_t capacity = 0;
  std::uint32_t first = 0;  // in the pool
  ContainerId* ids = nullptr;
  Need* needs = nullptr;
  Nearness* nearness = nullptr;
  double* check_at = nullptr;  // odometer reading at which `nearness` may have changed

  // There is room for all of it.
  void assign(const Collection& collection, double odometer);
  // The least of check_at.
  double next_check() const;
  void swap(std::uint32_t a, std::uint32_t b);
};

class ObserverLists {
 public:
  static constexpr std::uint32_t kSmallest = 16;

  // Room for `lists` lists of `candidates_max`, or for more that are shorter.
  static Result<ObserverLists> make(std::uint32_t lists, std::uint32_t candidates_max);

  // Sees to it that the list has room for `count`, at most candidates_max, and is empty. False, and
  // the list has no room at all, if the pool has not so much in one piece.
  [[nodiscard]] bool resize(ObserverList& list, std::uint32_t count);
  // Gives back what it has: it is empty and has no room.
  void release(ObserverList& list);
  // The longest list that `resize` would make of one that has no room.
  std::uint32_t longest_free() const;
  // Candidates that all lists together have room for.
  std::size_t capacity() const { return ids_.size(); }

 private:
  BuddyPool pool_;  // granules of kSmallest candidates
  Array<ContainerId> ids_;
  Array<Need> needs_;
  Array<Nearness> nearness_;
  Array<double> check_at_;
};

}  // namespace nf
