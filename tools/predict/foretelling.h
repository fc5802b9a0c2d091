// Foretelling: the policy that nearfield recommends. Reads what is worth its bytes by when it is
// likely to be needed, most urgent first; keeps what is most likely to be needed soon.
//
// One thread. The knob is the least worth that is read for: see core/schedule/read_worth.h.
#pragma once

#include <memory>
#include <vector>

#include "core/interest/need_forecast.h"
#include "core/schedule/read_worth.h"
#include "tools/predict/held_list.h"
#include "tools/predict/near_boxes.h"
#include "tools/predict/policy.h"

namespace nf::predict {

class Foretelling final : public Policy {
 public:
  // What was learnt is borrowed, and may be null.
  explicit Foretelling(double least_worth, const LearntNeeds* learnt = nullptr);

  void begin(const TraceInfo& trace) override;
  void level(std::uint32_t level, double reach) override;
  void container(std::uint32_t id, const ContainerInfo& info) override;
  void state(std::uint32_t id, Stage stage) override;
  void update(double seconds, WorldPosition position, Answer& answer) override;

 private:
  struct Kept {
    std::uint64_t at = 0;  // update; 0: never
    float worth = 0;
  };

  NeedUntil need_of(const NearBoxes::Box& box);
  float kept_for(const NearBoxes::Box& box);
  float keep_far(double gap) const;
  void judge(const NearBoxes::Box& box, WorldPosition position, Answer& answer);

  double least_;
  const LearntNeeds* learnt_;
  TraceInfo trace_;
  std::unique_ptr<NeedForecast> forecast_;  // from the first trace on
  std::vector<double> reach_;               // by level
  std::vector<double> bytes_;               // by id
  std::vector<std::uint64_t> judged_;       // by id: the last update that looked at it closely
  std::vector<Kept> kept_;                  // by id
  std::uint64_t updates_ = 0;
  NearBoxes boxes_;
  HeldList held_;
};

}  // namespace nf::predict
