// What a session's seed decides before it begins: its worlds, its disk, the limits of its streamer,
// and what kind of session it is.
//
// Plain values; borrows worlds that are made once in a process and kept. Any thread.
#pragma once

#include <cstdint>

#include <nearfield/streamer_options.h>

#include "core/base/prng.h"
#include "core/io/sim_device.h"
#include "tests/sim/sim_run.h"
#include "tests/sim/sim_world.h"

namespace nf::sim {

inline constexpr std::uint32_t kActiveEnough = 256;  // for two worlds of any size

struct SessionPlan {
  const SimWorld* first = nullptr;
  const SimWorld* second = nullptr;  // mounted later, if there is one
  std::uint64_t mount_second_at = 0;
  bool second_apart = false;  // in a space of its own
  SimDeviceOptions disk;
  StreamerOptions streamer;       // but for its device
  std::uint64_t raw_largest = 0;  // of both worlds' containers
  std::uint64_t memory = 0;       // for containers
  std::uint32_t steps = 150;      // with faults
  std::uint32_t observers_first = 1;
  double comings = 0.03;             // and goings of observers, a step
  std::uint32_t observers_last = 1;  // stay until the end
  double bounded = 0.2;              // of them: that never exceed a speed that is stated
  double time_scale = 1;             // seconds a step takes at most
  bool intends = false;              // observers say what they are about to do
  std::uint32_t turns = 1;           // a step, of intents and changes
  bool changes = false;              // what is spawned, attached elsewhere, taken away
  bool moves = false;                // worlds with frames that move, levels, templates and gates
  std::uint32_t looks_every = 1;     // steps from one look at all that is needed to the next
  bool only_pins = false;  // and no observers, so that what is needed when is known exactly
  bool rate_limited = false;
  bool reports_costs = false;   // what its engine's work on arrivals and leavings took
  bool goes_by_events = false;  // sleeps until the disk has something, as tools do

  // There are few observers.
  bool looks_every_frame() const { return streamer.observers_max < 100; }
  // What an observer needs is never cut for want of room on its lists.
  bool lists_hold_all() const { return streamer.wanted_per_observer_max >= 256; }
  const DeviceFaults& faults() const { return disk.faults; }
  // No byte is wrong and no read fails for good.
  bool reads_are_honest() const {
    return faults().flip == 0 && faults().misdirect == 0 && faults().read_error == 0;
  }
};

SessionPlan draw_plan(Prng& prng, std::uint64_t seed, const SimChoices& choices);

}  // namespace nf::sim
