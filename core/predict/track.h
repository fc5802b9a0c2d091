// Track: the last seconds of one observer's movement, evenly spaced, and the motion that they show.
//
// Plain values and pure functions, any thread. Nothing is assumed of units: every distance is
// compared with the track's own fast speed, every time with `TrackOptions::spacing`, so that a
// person at 1 m/s and a ship at 1e6 m/s are one case. Times are seconds on the caller's clock.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/types.h>

namespace nf {

// Whoever knows how fast an observer is states it in `fast_speed`, with `steps` at kStepsKnown.
inline constexpr std::uint32_t kStepsKnown = 20;

struct TrackOptions {
  double spacing = 0.1;    // seconds between samples that are kept
  double silence_max = 2;  // seconds without a sample: what was before says nothing any more
};

struct Track {
  static constexpr std::size_t kSamples = 64;  // a power of two

  std::array<WorldPosition, kSamples> positions{};  // a ring by number
  std::array<double, kSamples> times{};
  std::uint32_t count = 0;  // numbers given since the last jump
  WorldPosition latest{};
  double latest_time = 0;
  bool any = false;
  // What is fast for this observer: nineteen of twenty steps are slower. Metres a second; it
  // outlives jumps.
  double fast_speed = 0;
  std::uint32_t steps = 0;  // that fast_speed has seen
  bool jumped = false;      // by its last step: a second such step in a row is motion
};

enum class TrackStep : std::uint8_t {
  moved,
  jumped,   // a teleport, a respawn or a long silence: the samples before are forgotten
  ignored,  // no number, or not later than the sample before
};

TrackStep add_sample(Track& track, double seconds, WorldPosition position,
                     const TrackOptions& options = {});

// Where it was `ago` seconds before its latest sample, linear between samples; the oldest kept one
// for what is longer ago.
WorldPosition position_ago(const Track& track, double ago);
// How long ago the oldest kept sample is.
double seconds_kept(const Track& track);

struct Kinematics {
  WorldVector velocity;       // over about two spacings
  WorldVector velocity_slow;  // over about eight
  WorldVector acceleration;   // between the last four spacings and the four before
  WorldVector turn;           // axis times radians a second, of the velocity; zero when it stands
};

Kinematics kinematics_of(const Track& track, const TrackOptions& options = {});

}  // namespace nf
