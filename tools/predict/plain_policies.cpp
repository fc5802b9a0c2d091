// The policies that everybody has: nothing ahead, a wider radius, constant velocity.
#include <algorithm>
#include <array>

#include "tools/predict/foretelling.h"
#include "tools/predict/held_list.h"
#include "tools/predict/near_boxes.h"
#include "tools/predict/oracle_policy.h"
#include "tools/predict/policy.h"

namespace nf::predict {
namespace {

// Sooner is better; now is 1.
float score_in(double seconds) {
  return static_cast<float>(1 / (1 + std::max(seconds, 0.0)));
}

// What policies share that go by places: what is near, and what is held.
class PlacePolicy : public Policy {
 public:
  void begin(const TraceInfo& trace) override {
    trace_ = trace;
    reach_.clear();
    held_.begin();
    boxes_.begin(horizon_ * vstar(), vstar());
  }
  void level(std::uint32_t level, double reach) override {
    reach_.resize(std::max<std::size_t>(reach_.size(), level + 1));
    reach_[level] = reach;
  }
  void container(std::uint32_t id, const ContainerInfo& info) override {
    boxes_.add({.box = info.box, .reach = reach_[info.level], .id = id});
    held_.add_container();
  }
  void state(std::uint32_t id, Stage stage) override { held_.set(id, stage); }

 protected:
  explicit PlacePolicy(double horizon) : horizon_(horizon) {}

  double vstar() const { return std::max(trace_.vstar, 1e-12); }
  // Seconds of travel until it is required, if one goes straight there at the fast speed.
  double lead(const NearBoxes::Box& box, WorldPosition place) const {
    return (distance_to(box.box, place) - box.reach) / vstar();
  }

  double horizon_ = 0;  // seconds
  TraceInfo trace_;
  std::vector<double> reach_;  // by level
  NearBoxes boxes_;
  HeldList held_;
};

// Wants what is at most `horizon` seconds of travel beyond what is required, nearest in time first.
// With none: nothing is read ahead.
class Margin final : public PlacePolicy {
 public:
  explicit Margin(double horizon) : PlacePolicy(horizon) {}

  void update(double, WorldPosition place, Answer& answer) override {
    if (horizon_ > 0) {
      for (const NearBoxes::Box& box : boxes_.around(place)) {
        if (!held_.lacks_bytes(box.id)) continue;
        const double seconds = lead(box, place);
        if (seconds <= horizon_) answer.want.push_back({box.id, score_in(seconds)});
      }
    }
    for (const std::uint32_t id : held_.ids()) {
      answer.keep.push_back({id, score_in(lead(boxes_[id], place))});
    }
  }
};

// Wants what a straight line touches within `horizon` seconds, by when it does.
class ConstantVelocity final : public PlacePolicy {
 public:
  explicit ConstantVelocity(double horizon) : PlacePolicy(horizon) {}

  void begin(const TraceInfo& trace) override {
    PlacePolicy::begin(trace);
    known_ = 0;
    within_ = horizon_ * vstar();
  }

  void update(double seconds, WorldPosition place, Answer& answer) override {
    remember(seconds, place);
    const Straight way{.from = place, .velocity = velocity_, .speed = length(velocity_)};
    const double ahead = horizon_ * way.speed;
    // Who is faster than its fast speed sees farther than what is kept near.
    if (ahead > within_) {
      within_ = 2 * ahead;
      boxes_.widen(within_);
    }
    for (const NearBoxes::Box& box : boxes_.around(place)) {
      if (!held_.lacks_bytes(box.id)) continue;
      if (distance_to(box.box, place) - box.reach > ahead) continue;
      const double contact = first_contact(way, box.box, box.reach, horizon_);
      if (contact >= 0) answer.want.push_back({box.id, score_in(contact)});
    }
    for (const std::uint32_t id : held_.ids()) {
      const NearBoxes::Box& box = boxes_[id];
      const double contact = first_contact(way, box.box, box.reach, horizon_);
      // What is not on the line is kept by how near it is, below all that is.
      answer.keep.push_back(
          {id, contact >= 0 ? score_in(contact) : score_in(horizon_) * score_in(lead(box, place))});
    }
  }

 private:
  struct Sample {
    double seconds = 0;
    WorldPosition place;
  };
  static constexpr std::size_t kSamples = 3;  // the oldest of them gives the velocity

  void remember(double seconds, WorldPosition place) {
    if (known_ > 0 && !(seconds > samples_[known_ - 1].seconds)) known_ = 0;
    if (known_ == kSamples) {
      std::copy(samples_.begin() + 1, samples_.end(), samples_.begin());
      --known_;
    }
    samples_[known_++] = {seconds, place};
    const double passed = seconds - samples_[0].seconds;
    velocity_ = passed > 0 ? (place - samples_[0].place) * (1 / passed) : WorldVector{};
  }

  std::array<Sample, kSamples> samples_;
  std::size_t known_ = 0;
  double within_ = 0;
  WorldVector velocity_;
};

}  // namespace

const std::vector<PolicyKind>& policy_kinds() {
  static const std::vector<PolicyKind> kinds = {
      {.name = "none", .about = "reads nothing ahead", .knobs = {0}},
      {.name = "margin",
       .about = "a wider radius; knob: seconds of travel at the fast speed",
       .knobs = {0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1, 1.3, 1.7, 2.2, 3, 4, 6},
       .knob = 1},
      {.name = "cv",
       .about = "constant velocity; knob: seconds ahead",
       .knobs = {0, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 6, 8},
       .knob = 3},
      {.name = "foretell",
       .about = "a distribution of where the mover may be; knob: the least worth of a read",
       .knobs = {0.0005, 0.002, 0.006, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1.2, 2, 3.5, 6},
       .knob = 0.7},
      {.name = "oracle",
       .about = "knows the future; knob: seconds ahead",
       .knobs = {60},
       .knob = 60,
       .foresees = true},
  };
  return kinds;
}

const PolicyKind* find_policy_kind(std::string_view name) {
  for (const PolicyKind& kind : policy_kinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

std::unique_ptr<Policy> make_policy(std::string_view name, double knob, const LearntNeeds* learnt) {
  if (name == "none") return std::make_unique<Margin>(0);
  if (name == "margin") return std::make_unique<Margin>(knob);
  if (name == "foretell") return std::make_unique<Foretelling>(knob, learnt);
  if (name == "cv") return std::make_unique<ConstantVelocity>(knob);
  if (name == "oracle") return std::make_unique<OraclePolicy>(knob);
  return nullptr;
}

}  // namespace nf::predict
