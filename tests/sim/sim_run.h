// One simulated session of the whole runtime, from a seed: a random world, a second archive that
// is mounted later, observers that walk, fly, ride, teleport, join and leave, one or thousands,
// pins for now and for later, waits, a disk with faults, a budget that does not hold everything.
// Then the faults stop, and everything that is needed must come and all else must go.
//
// Deterministic: the same seed gives the same event hash. Any thread; no thread of its own.
#pragma once

#include <cstdint>
#include <string>

namespace nf::sim {

struct SimResult {
  bool good = true;
  std::string why;  // the broken promise, if any
  std::uint64_t event_hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t failures = 0;
  std::uint64_t retries = 0;
  std::uint64_t mounts = 0;
  std::uint64_t waits_ended = 0;  // by an arrival
  bool settled = false;           // the faults stopped and everything needed came
};

// What is not left to the seed.
struct SimChoices {
  std::uint32_t workers = 0;  // that decode; 0: drawn from the seed
  bool real_threads = false;  // for them; otherwise simulated ones
  bool crowd = false;         // thousands of observers, as in one seed of kCrowdEvery
};
inline constexpr std::uint64_t kCrowdEvery = 2000;

SimResult run_seed(std::uint64_t seed, const SimChoices& choices = {});

}  // namespace nf::sim
