// ObserverLists: every observer's candidates as arrays of one field, so that a merge over a
// thousand observers reads ids and nothing else, then needs and nothing else.
//
// Thread: the owner's. Allocates in `make` only.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/candidates.h"

namespace nf {

// One observer's list. The first `listed` candidates are wanted or kept, the others only near.
class ObserverList {
 public:
  std::uint32_t count = 0;
  std::uint32_t listed = 0;
  ContainerId* ids = nullptr;
  Need* needs = nullptr;
  Nearness* nearness = nullptr;
  double* check_at = nullptr;  // odometer reading at which `nearness` may have changed

  void assign(const Collection& collection, double odometer);
  // The least of check_at.
  double next_check() const;
  void swap(std::uint32_t a, std::uint32_t b);
};

class ObserverLists {
 public:
  static Result<ObserverLists> make(std::uint32_t observers_max, std::uint32_t candidates_max);

  // Of the observer in this slot; empty at first.
  ObserverList list(std::uint32_t slot);

 private:
  std::uint32_t candidates_max_ = 0;
  Array<ContainerId> ids_;
  Array<Need> needs_;
  Array<Nearness> nearness_;
  Array<double> check_at_;
};

}  // namespace nf
