// Adversary: an observer in the simulator that keeps within its envelope and means ill.
//
// Thread: the caller's, which owns the Streamer meanwhile. What it finds bounds lateness from
// below, as a certificate does from above.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/streamer_options.h>

#include "core/world/world.h"
#include "tools/certify/certify.h"

namespace nf::certify {

enum class Manner : std::uint8_t {
  straight,  // on and on
  greedy,    // to what is not there yet and could be needed soonest
  turning,   // another way now and then
};

struct Attack {
  WorldPosition start;  // where it stands until everything around is there
  WorldVector way;      // where it sets out to; a unit vector
  Manner manner = Manner::straight;
  double seconds = 30;
  std::uint64_t seed = 1;
};

struct LateContainer {
  ContainerId id;
  double seconds = 0;  // that it was late
};

struct AttackResult {
  std::vector<LateContainer> late;  // each container once, with its worst
  double lateness_max = 0;
  bool settled = true;  // everything was there before it set out
  bool stopped = false;
};

struct Arena {
  const World& world;  // of the one archive
  Source source;       // its file may be one of the device's memory
  Supply supply;
  MotionEnvelope envelope;
  std::span<const std::byte> content;  // the archive as bytes, in place of its file
  std::function<bool()> keeps_going;   // asked once a frame; empty: always
};
Result<AttackResult> fly_against(const Arena& arena, const Attack& attack);

// Attacks on the worst places of a certificate, and from elsewhere, by seed.
std::vector<Attack> plan_attacks(const World& world, const Certificate& certificate,
                                 const Question& question, std::uint32_t count, std::uint64_t seed);

}  // namespace nf::certify
