// Recordings that are made up from a seed, for those who have none: a log whose events follow each
// other as fast as in the logs of real players, and matches of what flies and of who walks. They
// are text in the shape of the real ones, and so pass through the same parsers.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace nf::bench {

// How long something takes: of a hundred times five are shorter than p5 and five longer than p95.
struct LeadTime {
  double p5 = 0, p50 = 0, p95 = 0;  // seconds
};
// Measured over 452 logs.
inline constexpr LeadTime kStartToJump = {18, 18, 22};
inline constexpr LeadTime kApproachToExit = {17, 47, 82};  // until the fast drive is off
inline constexpr LeadTime kExitToDocked = {46, 78, 157};
inline constexpr LeadTime kApproachToLanded = {61, 133, 456};
inline constexpr LeadTime kLandedToFoot = {2, 4, 142};

// Seconds; `chance` is uniform in [0, 1). Straight between the three on a logarithmic scale.
double draw(const LeadTime& time, double chance);

std::string make_up_log(std::uint64_t seed, std::uint32_t jumps);

struct MadeUpMatch {
  std::uint32_t objects = 40;
  double seconds = 60;
  double across = 100e3;  // metres
  double speed = 250;     // metres a second
};
std::string make_up_match(std::uint64_t seed, const MadeUpMatch& match);

}  // namespace nf::bench
