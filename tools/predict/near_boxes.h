// NearBoxes: of the containers that were announced, those near an observer who moves, at a cost
// that does not grow with how many were announced in all.
//
// One owner. Three lists, each a part of the one before it: all; those within a wide margin, looked
// for anew when the observer went as far as the margin allows; and so again with a narrow one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/predict/boxes.h"
#include "tools/predict/policy.h"

namespace nf::predict {

class NearBoxes {
 public:
  struct Box {
    WorldBox box;
    double reach = 0;  // from which it is needed
    std::uint32_t id = 0;
  };

  // `within`: how far beyond its reach a container is of interest, in the trace's unit.
  void begin(double within, double vstar) {
    *this = {};
    within_ = within;
    wide_ = kWideSeconds * vstar;
    narrow_ = kNarrowSeconds * vstar;
  }
  void add(const Box& box) {
    all_.push_back(box);
    far_known_ = near_known_ = false;
  }
  void widen(double within) {
    within_ = within;
    far_known_ = false;
  }
  const Box& operator[](std::uint32_t id) const { return all_[id]; }

  // All that are at most `within` beyond their reach, and some more.
  std::span<const Box> around(WorldPosition place) {
    if (!far_known_ || length(place - far_from_) > wide_) {
      pick(all_, place, within_ + 2 * wide_, far_);
      far_from_ = place;
      far_known_ = true;
      near_known_ = false;
    }
    if (!near_known_ || length(place - near_from_) > narrow_) {
      pick(far_, place, within_ + narrow_, near_);
      near_from_ = place;
      near_known_ = true;
    }
    return near_;
  }

 private:
  static constexpr double kWideSeconds = 6, kNarrowSeconds = 0.4;  // of travel

  static void pick(std::span<const Box> from, WorldPosition place, double within,
                   std::vector<Box>& into) {
    into.clear();
    for (const Box& box : from) {
      if (distance_to(box.box, place) <= box.reach + within) into.push_back(box);
    }
  }

  std::vector<Box> all_, far_, near_;  // all_ by id
  WorldPosition far_from_, near_from_;
  double within_ = 0, wide_ = 0, narrow_ = 0;
  bool far_known_ = false, near_known_ = false;
};

}  // namespace nf::predict
