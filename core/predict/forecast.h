// Forecast: where an observer may be over the next seconds, as a weighted set of straight pieces.
//
// A piece says: with this probability the observer moves like this for this long, and is inside a
// sphere around that line whose radius grows with time. One constant-velocity model emits one or
// two pieces; several models, learnt paths and stated intent emit more. Pure: arrays in, arrays
// out; time is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <nearfield/types.h>

#include "core/predict/envelope.h"
#include "core/world/pose.h"

namespace nf {

struct ForecastPiece {
  Time from;  // absolute, on the caller's clock
  Duration length;
  WorldPosition start;
  WorldVector velocity;    // metres a second
  double spread = 0;       // metres: radius at `from`
  double spread_rate = 0;  // metres a second
  float probability = 1;
};

inline constexpr std::size_t kForecastPiecesMax = 8;

struct Forecast {
  std::array<ForecastPiece, kForecastPiecesMax> pieces;
  std::uint32_t piece_count = 0;
  // The first piece is the motion envelope, which all others are held within. What it touches later
  // than `wanted_within` is not wanted, but kept.
  bool enveloped = false;
  Duration wanted_within;

  std::span<const ForecastPiece> view() const { return {pieces.data(), piece_count}; }
};

// One sample of an observer's movement.
struct MotionSample {
  Time at;
  WorldPosition position;
  WorldVector velocity;
};

// What is remembered of one observer: enough to say how well constant velocity foretold it.
struct MotionHistory {
  static constexpr std::size_t kHorizons = 5;
  static constexpr std::array<double, kHorizons> kHorizonSeconds{0.25, 0.5, 1, 2, 4};
  static constexpr std::size_t kSamples = 32;  // a ring, at most one each kSampleSpacing
  static constexpr Duration kSampleSpacing{150'000'000};

  std::array<MotionSample, kSamples> samples{};
  std::uint32_t sample_count = 0;  // added to the ring since the last jump or long silence
  MotionSample latest{};           // its velocity is the one forecasts use: stated, else measured
  bool any = false;                // whether `latest` holds anything
  double jump_speed = 0;           // of the step before, if it was a jump: the next may confirm it
  // Exponentially weighted errors, metres: of constant velocity, and of standing still.
  std::array<float, kHorizons> error_moving{};
  std::array<float, kHorizons> error_standing{};
  std::array<std::uint32_t, kHorizons> trials{};
  std::array<std::uint32_t, kHorizons> next_due{};  // number of the sample to be scored next
};

// Adds a sample and scores the past forecasts that it settles. A jump faster than any plausible
// motion (teleport, respawn) forgets the history. Time that runs backwards is ignored, and so is a
// position that is not finite or past the edge of any world; a velocity that is not counts as none
// stated. A velocity of 0 is replaced by the one measured between samples.
void observe(MotionHistory& history, const MotionSample& sample);

// The same movement as seen in another frame, in which the frame that it was seen in moves like
// `way` at `now`. What is past is taken to have moved like that all along.
void reframe(MotionHistory& history, const MovingPose& way, Time now);
// Likewise what may come. The spread grows by what the frames' turning bends a straight line.
Forecast reframed(const Forecast& forecast, const MovingPose& way, Time now);

// How far ahead constant velocity is to be trusted: the longest horizon at which it beat standing
// still clearly; grows from 1 s with no trials, never past `lookahead`.
Duration confidence_horizon(const MotionHistory& history, Duration lookahead);

// Standing where it is (certain), then constant velocity up to the confidence horizon with a spread
// taken from the measured errors. Empty if nothing was observed. A stated envelope comes before
// both; an observer that is faster than it was stated to be is not held within it.
Forecast forecast_motion(const MotionHistory& history, Time now, Duration lookahead,
                         const MotionEnvelope& envelope = {});

// Whether time alone changes no forecast of it: it stands, or is so slow that where it stays is not
// wider for that.
bool is_at_rest(const MotionHistory& history);

// Whether an engine's number can be used at all: finite, and not past 1e20 metres.
bool usable(WorldPosition position);

}  // namespace nf
