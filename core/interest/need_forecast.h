// NeedForecast: what one observer will need, from how it moves: the probability for any box and
// reach, until each horizon.
//
// Joins the track, the motion models, what is recalled and the blend, and lets the blend learn from
// a few boxes whose outcome it waits for. Owner: one thread. Allocates when it is made only.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/prng.h"
#include "core/interest/need_blend.h"
#include "core/interest/need_odds.h"
#include "core/predict/motion_models.h"
#include "core/predict/recall.h"

namespace nf {

// What was learnt from recorded movement. Does not change: any number of forecasts may borrow it.
struct LearntNeeds {
  BlendWeights weights = untrained_weights();
  LearntWays ways;
};

struct NeedForecastOptions {
  double time_scale = 1;  // times kHorizonSeconds
  double fast_speed = 0;  // of the observer, if it is known; 0: it is learnt
  TrackOptions track{};
  RecallOptions recall{};
  std::uint32_t recalled_max = 14;  // futures
  std::uint32_t revisited_max = 10;
  const LearntWays* learnt = nullptr;  // of recorded movement; borrowed
  std::uint64_t seed = 1;
};

// In the observer's frame, as WorldPosition.
struct NeedPlace {
  WorldPosition low, high;
  double reach = 0;
};

class NeedForecast {
 public:
  explicit NeedForecast(const NeedForecastOptions& options,
                        const BlendWeights& weights = untrained_weights());

  // Where it is now. Everything below is of this moment.
  void observe(double seconds, WorldPosition position);
  // What was learnt stays; what was foretold is not held against anybody.
  void end_run();
  // Another map, in which `fast_speed` is fast: what was learnt of places goes, how it moves and
  // whom to believe stays.
  void enter_map(double fast_speed);

  const Track& track() const { return track_; }
  const std::array<float, kHorizons>& horizons() const { return futures_.seconds; }

  // Whether any expert comes near it at all. False: that it is needed within the horizons is about
  // as likely as that all of them are far off.
  bool may_reach(const NeedPlace& place) const;

  // That it is needed until each horizon; does not fall. Some that are asked for are learnt from.
  std::array<float, kHorizons> until(const NeedPlace& place);

  // What the blend makes that of.
  BlendInput input(const NeedPlace& place) const;

  const NeedBlend& blend() const { return blend_; }

 private:
  static constexpr std::size_t kTrials = 192;
  struct Trial {
    NeedPlace place;
    BlendInput input;
    double seconds = 0;
    double needed_at = -1;
    std::uint32_t due = kHorizons;  // the next horizon to be learnt; kHorizons: over
  };

  void settle_trials(double seconds, WorldPosition position);
  void maybe_try(const NeedPlace& place, const BlendInput& input);

  NeedForecastOptions options_;
  Track track_;
  ModelErrors errors_;
  Recall recall_;
  NeedBlend blend_;
  Futures futures_;
  NeedPaths paths_;  // of these
  NeedBox reached_;  // around all futures and their spreads
  std::array<Trial, kTrials> trials_{};
  std::uint32_t next_trial_ = 0;
  std::uint32_t tried_ = 0;  // in this update
  std::uint32_t asked_ = 0, asked_before_ = 0;
  Prng prng_;
};

}  // namespace nf
