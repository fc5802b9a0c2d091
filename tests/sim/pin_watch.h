// PinWatch: the pins of a session, and what Streamer::pin promises about them. What is needed
// sooner is read first, of several pins the earliest counts until all went, and what a container
// depends on is needed when it is.
//
// One owner, no thread of its own. Must go before its Streamer.
#pragma once

#include <map>
#include <span>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/prng.h"
#include "tests/sim/checking_device.h"
#include "tests/sim/sim_mounts.h"

namespace nf::sim {

class PinWatch {
 public:
  // `now` is where the streamer's time stands. False if it took no pin.
  bool pin(Streamer& streamer, ContainerId id, Duration needed_in, Time now);
  // As if a pin had come and gone.
  void touch(ContainerId id, Time now);
  ContainerId any(Prng& prng) const;  // not if it is empty
  void drop_any(Prng& prng);
  void clear() { held_.clear(); }

  bool empty() const { return held_.empty(); }
  bool contains(ContainerId id) const { return held_.contains(id); }
  const Pin& first_of(ContainerId id) const { return held_.at(id).pins.front(); }

  // The broken promise about what the last step submitted and what waits, or null.
  struct Claims {
    bool only_pins = false;    // nothing else wants anything, and memory is never short
    bool no_errors = false;    // no read fails, so that each waits once
    bool no_overflow = false;  // all can be active at one time, so that what is pinned holds others
  };
  const char* check(const Streamer& streamer, CheckingDevice& device, const SimMounts& mounts,
                    const std::vector<bool>& resident, const Claims& claims);

 private:
  struct Held {
    std::vector<Pin> pins;
    Time needed_at;
  };
  struct Seen {
    Residency state = Residency::dormant;
    bool hidden = false;
  };

  void find_needs(const SimMounts& mounts, const std::vector<bool>& resident, const Claims& claims);
  static bool is_hidden(const Streamer& streamer, const SimMounts& mounts, ContainerId id);
  const char* check_starts(const Streamer& streamer, const SimMounts& mounts);
  const char* check_bytes(const SimMounts& mounts) const;

  std::map<ContainerId, Held> held_;
  std::vector<Time> needs_;  // by container, because of pins
  std::vector<Seen> seen_;   // by container, after the last step
};

}  // namespace nf::sim
