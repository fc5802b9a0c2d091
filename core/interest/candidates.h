// Candidates: what one observer could come to need before its list is collected anew.
//
// Thread: the owner's. Allocates in `make` only. Pure: the same bubble, forecast and world give the
// same candidates.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/predict/forecast.h"
#include "core/world/world.h"

namespace nf {

// The space around an observer, in the frame of a body. Leaving takes `hysteresis` times the load
// distance.
struct Bubble {
  WorldPosition position;
  double scale = 1;
  double hysteresis = 1;
};

enum class Nearness : std::uint8_t {
  outside,  // farther than the hysteresis
  ring,     // between load distance and hysteresis
  inside,   // within the load distance
};

// Where a place stands towards a bubble.
struct Standing {
  Nearness nearness = Nearness::outside;
  double to_load = 0;   // metres from the load distance; negative inside
  double to_leave = 0;  // metres from the hysteresis; negative on its inner side
  double slack = 0;     // metres the observer may travel before `nearness` can change; may be < 0
};
Standing standing_of(const Place& place, const Bubble& bubble);

struct Need {
  bool counts() const { return at != Time::never() || kept; }

  Time at = Time::never();
  float probability = 0;
  bool inside = false;
  bool kept = false;  // within reach of the motion envelope, but too far off to be wanted
};
// The earliest of the forecast's contacts with the load distance, the highest of their
// probabilities. Within a motion envelope: the earliest that it allows, whatever else is foretold.
Need forecast_need(const Place& place, const Bubble& bubble, const Forecast& forecast);
// The same for one inside, who needs it now.
inline Need need_inside(Time now) {
  return {.at = now, .probability = 1, .inside = true};
}

struct Candidate {
  ContainerId id;
  Standing standing;
  Need need;  // for one inside: now

  bool listed() const { return standing.nearness != Nearness::outside || need.counts(); }
};

// Of what ought to be listed: what a limit dropped.
struct Dropped {
  std::uint32_t count = 0;
  std::uint32_t inside = 0;   // of these
  std::uint32_t unnamed = 0;  // of these: that are not among the candidates
};

// Lower is more urgent: who is inside, who will be and when, who could be and when, whom to keep,
// who is only near.
struct Urgency {
  static constexpr int kInside = 0, kForetold = 1, kReachable = 2, kKept = 3, kNear = 4;

  int rank = kNear;
  double value = 0;
  std::uint32_t id = 0;
  auto operator<=>(const Urgency&) const = default;
};
Urgency urgency_of(const Candidate& candidate);

// What collecting yields; valid until the collector is used again.
struct Collection {
  IndexQuery query;  // what was asked of the body's index
  // Those that are listed come first. Those that are not, but inside, were dropped.
  std::span<const Candidate> candidates;
  std::uint32_t listed_count = 0;
  double trusted_radius =
      0;            // metres the observer may go before something that is not here matters
  Dropped dropped;  // the least urgent ones
};

struct CollectorOptions {
  std::uint32_t listed_max = 256;
  std::uint32_t candidates_max = 512;  // at least listed_max
};

class Collector {
 public:
  static Result<Collector> make(const CollectorOptions& options);

  // Everything of this body that the forecast touches or that is at most `margin` metres outside
  // the bubble; both are in the body's frame.
  Collection collect(const World& world, BodyId body, const Bubble& bubble,
                     const Forecast& forecast, double margin, Time now);
  // Of what was collected last, the most urgent `candidates_max`.
  Collection cut(std::uint32_t candidates_max);

 private:
  static constexpr std::size_t kPortion = 256;

  void offer(const Candidate& candidate);
  void drop_beyond(std::size_t first, std::size_t kept, std::size_t last, bool list_full);
  Collection finish(const CollectorOptions& limits);

  CollectorOptions options_;
  IndexQuery query_;
  double rounding_ = 0;
  Array<ContainerId> found_;
  Array<Candidate> pool_;  // twice candidates_max: halved when it is full
  std::size_t count_ = 0;
  double trusted_radius_ = 0;
  Dropped lost_;  // and not kept as candidates
};

}  // namespace nf
