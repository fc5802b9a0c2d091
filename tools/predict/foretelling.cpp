#include "tools/predict/foretelling.h"

#include <algorithm>

#include "tools/predict/boxes.h"

namespace nf::predict {
namespace {

constexpr double kQueueSeconds = 0.5;  // that a read waits for others where it is asked for late
constexpr double kNearSeconds = 4.5;   // of travel: what is farther is not needed soon
constexpr float kKeptFar = 0.1F;       // of what is farther; nearer is more
constexpr std::uint64_t kKeptUpdates =
    4;  // that what keeping is worth holds for: it changes slowly
constexpr double kSpeedLeast = 1e-12;

}  // namespace

Foretelling::Foretelling(double least_worth, const LearntNeeds* learnt)
    : least_(least_worth), learnt_(learnt) {}

void Foretelling::begin(const TraceInfo& trace) {
  if (!forecast_) {
    forecast_ = std::make_unique<NeedForecast>(
        NeedForecastOptions{.fast_speed = trace.vstar,
                            .learnt = learnt_ == nullptr ? nullptr : &learnt_->ways},
        learnt_ == nullptr ? untrained_weights() : learnt_->weights);
  } else if (trace.map != trace_.map) {
    forecast_->enter_map(trace.vstar);
  }
  forecast_->end_run();
  trace_ = trace;
  reach_.clear();
  bytes_.clear();
  judged_.clear();
  kept_.clear();
  held_.begin();
  const double vstar = std::max(trace.vstar, kSpeedLeast);
  boxes_.begin(kNearSeconds * vstar, vstar);
}

void Foretelling::level(std::uint32_t level, double reach) {
  reach_.resize(std::max<std::size_t>(reach_.size(), level + 1));
  reach_[level] = reach;
}

void Foretelling::container(std::uint32_t id, const ContainerInfo& info) {
  boxes_.add({.box = info.box, .reach = reach_[info.level], .id = id});
  bytes_.push_back(info.bytes);
  judged_.push_back(0);
  kept_.push_back({});
  held_.add_container();
}

void Foretelling::state(std::uint32_t id, Stage stage) {
  held_.set(id, stage);
}

NeedUntil Foretelling::need_of(const NearBoxes::Box& box) {
  const NeedPlace place{box.box.low, box.box.high, box.reach};
  NeedUntil need{.seconds = forecast_->horizons()};
  if (forecast_->may_reach(place)) need.probability = forecast_->until(place);
  return need;
}

float Foretelling::kept_for(const NearBoxes::Box& box) {
  Kept& kept = kept_[box.id];
  if (kept.at == 0 || updates_ - kept.at >= kKeptUpdates) {
    kept = {.at = updates_, .worth = keep_worth(need_of(box))};
  }
  return kept.worth;
}

float Foretelling::keep_far(double gap) const {
  const double seconds = std::max(gap, 0.0) / std::max(trace_.vstar, kSpeedLeast);
  return kKeptFar / static_cast<float>(1 + seconds);
}

void Foretelling::judge(const NearBoxes::Box& box, WorldPosition position, Answer& answer) {
  const bool lacks = held_.lacks_bytes(box.id);
  const double gap = distance_to(box.box, position) - box.reach;
  if (gap <= 0) {
    (lacks ? answer.want : answer.keep).push_back({box.id, 1});
    return;
  }
  if (!lacks) {
    answer.keep.push_back({box.id, std::max(kept_for(box), keep_far(gap))});
    return;
  }
  const NeedUntil need = need_of(box);
  const ReadCost cost{.bytes = bytes_[box.id],
                      .bytes_per_second = trace_.bytes_per_second,
                      .overhead = trace_.pipeline_seconds + kQueueSeconds};
  const double ready =
      trace_.dt + trace_.pipeline_seconds + cost.bytes / std::max(cost.bytes_per_second, 1.0);
  if (static_cast<double>(read_worth(need, cost, ready)) < least_) return;
  answer.want.push_back({box.id, read_urgency(need, ready)});
}

void Foretelling::update(double seconds, WorldPosition position, Answer& answer) {
  forecast_->observe(seconds, position);
  ++updates_;
  for (const NearBoxes::Box& box : boxes_.around(position)) {
    judge(box, position, answer);
    judged_[box.id] = updates_;
  }
  for (const std::uint32_t id : held_.ids()) {
    if (judged_[id] == updates_) continue;
    const NearBoxes::Box& box = boxes_[id];
    answer.keep.push_back({id, keep_far(distance_to(box.box, position) - box.reach)});
  }
}

}  // namespace nf::predict
