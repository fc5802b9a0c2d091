// Stage: what all actors of a session share: the seed's numbers, the disk, the streamer, what is
// pinned, the mounted worlds as they are known beside it, what its events said is resident and who
// is bound, the clock, the verdict.
//
// An actor is a plain struct for one thing that an engine does (walkers, pins, ...), with what of
// these it has something for: `act` does something drawn from the seed, `check` looks at what the
// last frame promised, `settle` comes to rest once the faults have stopped.
//
// One owner, no thread of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/prng.h"
#include "tests/sim/checking_device.h"
#include "tests/sim/pin_watch.h"
#include "tests/sim/session_plan.h"
#include "tests/sim/sim_jobs.h"
#include "tests/sim/sim_mounts.h"
#include "tests/sim/sim_run.h"
#include "tests/sim/world_model.h"

namespace nf::sim {

struct Stage {
  Stage(std::uint64_t seed, const SimChoices& choices);

  // Makes the streamer and mounts the first world.
  bool open();
  bool mount(const SimWorld& world, bool apart);
  ContainerRange mounted_last;
  // Nobody knows this number any more: it may be given to another container.
  bool is_free(ContainerId id) const;

  // The first promise that is broken ends the session.
  bool check(bool promise, const char* why) {
    if (!promise && result.good) {
      result.good = false;
      result.why = why;
    }
    return promise;
  }
  void note(std::uint64_t event) {
    result.event_hash =
        (result.event_hash ^ event) * 0x9E3779B97F4A7C15ull + (result.event_hash >> 29);
  }
  ContainerId container_of(const Read& read) const {
    return mounts.container_at(read.file, read.at);
  }
  ContainerId any_container();  // that there is
  // Often the one that all share; else of anything that has one.
  ContainerId any_frame();

  Prng prng;
  SessionPlan plan;
  SimJobs jobs;
  CheckingDevice device;
  std::optional<Streamer> streamer;
  PinWatch pinned;
  SimMounts mounts;
  WorldModel model;                  // where all of it is, and the engine's frames
  std::vector<bool> resident;        // by container
  std::vector<std::uint32_t> bound;  // by container: observers that were told to be near it
  // The clock begins late enough for times before it, and is behind what `wait` is told: see Pins.
  Time now{3600ll * 1'000'000'000};
  Time told = now;                              // where the streamer's time stands
  bool dropped = false;                         // at a limit, in the last frame
  CheckingDevice::Traffic traffic;              // of the last frame, and of the wait before it
  std::uint64_t waited_at = ~std::uint64_t{0};  // step of the last wait
  bool waited = false;   // since the last update, so that several steps' events come at once
  bool stepped = false;  // in a wait since then, once at least
  SimResult result;
};

}  // namespace nf::sim
