// OraclePolicy: knows when everything will be required. Reads by deadline, earliest first, as far
// ahead as its knob says, and gives up what is needed last (Belady, "A study of replacement
// algorithms for a virtual-storage computer", 1966). A bound to compare with, and no proof: no
// policy that serves what is required nearest first is surely better or worse.
//
// One owner. Borrows the Scenario between `foresee` and the next `begin`.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/predict/held_list.h"
#include "tools/predict/policy.h"

namespace nf::predict {

class OraclePolicy final : public Policy {
 public:
  explicit OraclePolicy(double horizon) : horizon_(horizon) {}

  void begin(const TraceInfo& trace) override;
  void level(std::uint32_t, double) override {}
  void container(std::uint32_t, const ContainerInfo&) override {}
  void state(std::uint32_t id, Stage stage) override { held_.set(id, stage); }
  void update(double seconds, WorldPosition position, Answer& answer) override;
  void foresee(const Scenario& scenario) override;

 private:
  // Seconds at which it is required next, from `now` on; infinity if it never is.
  double next_need(std::uint32_t id, double now);

  double horizon_ = 0;  // seconds
  const Scenario* scenario_ = nullptr;
  std::vector<std::uint32_t> first_;  // by container: where its needs begin in starts_
  std::vector<double> starts_;        // of needs, by container
  std::vector<std::uint32_t> at_;     // by container: the first of its needs that is not past
  std::size_t need_at_ = 0;           // the first of all needs that is not past
  HeldList held_;
};

}  // namespace nf::predict
