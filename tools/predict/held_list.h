// HeldList: which containers are in memory, as a policy is told by Policy::state.
//
// One owner.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/predict/policy.h"

namespace nf::predict {

class HeldList {
 public:
  void begin() {
    stage_.clear();
    slot_.clear();
    ids_.clear();
  }
  void add_container() {
    stage_.push_back(Stage::absent);
    slot_.push_back(0);
  }
  void set(std::uint32_t id, Stage stage) {
    if (stage_[id] == Stage::absent && stage != Stage::absent) {
      slot_[id] = static_cast<std::uint32_t>(ids_.size());
      ids_.push_back(id);
    } else if (stage_[id] != Stage::absent && stage == Stage::absent) {
      const std::uint32_t last = ids_.back();
      ids_[slot_[id]] = last;
      slot_[last] = slot_[id];
      ids_.pop_back();
    }
    stage_[id] = stage;
  }
  // Something of it is still to be read.
  bool lacks_bytes(std::uint32_t id) const { return stage_[id] < Stage::pipeline; }
  std::span<const std::uint32_t> ids() const { return ids_; }

 private:
  std::vector<Stage> stage_;         // by id
  std::vector<std::uint32_t> slot_;  // by id: where in ids_ it is
  std::vector<std::uint32_t> ids_;
};

}  // namespace nf::predict
