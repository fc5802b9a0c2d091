// What a frame changed, and what a Streamer counts.
// Plain values; the spans are the Streamer's memory, until its next update().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <nearfield/types.h>

namespace nf {

// An observer and a container that is near it: see FrameEvents::bound.
struct Bind {
  ObserverId observer;
  ContainerId container;
};

// What kept a container from being there when it was needed: of all that took longer than it does
// when nothing is in the way, what took most.
enum class LateCause : std::uint8_t {
  none,  // nothing: it was there in time
  // It began to be wanted less ahead of need than its load takes by itself. As much of its wait for
  // others at the disk counts with that as its load lacked time, on purpose: a disk that is far too
  // slow for the world shows as this more than as `disk`.
  foretold_too_late,
  disk,        // its bytes were not read: the disk was slow, or busy, or read_per_second_max
  decode,      // the workers did not get to it, or took long
  memory,      // no room was found for it, or it gave up its own; or a limit dropped it
  budget,      // it was ready and waited for its turn in the frames' arrival_cost_max
  dependency,  // it waited for what it depends on, and that for nothing of these
  failed,      // reading it failed: see Streamer::failure()
};
inline constexpr std::size_t kLateCauses = 8;

// What changed in this frame. The spans are valid until the next update() or wait(). What leaves
// does so before anything arrives: its memory may have been taken for that.
struct FrameEvents {
  std::span<const ContainerId> arrived;  // now resident
  std::span<const Duration> lateness;    // parallel to arrived: 0 for those in time
  std::span<const LateCause> causes;     // parallel to arrived: none for those in time
  // No longer wanted; unloaded when memory is needed and no Pin holds it. What leaves later than it
  // is wanted (StreamerOptions::leaving_cost_max) stays as it is until it is listed here.
  std::span<const ContainerId> leaving;
  // See Streamer::failure(); tried again after retry_after, which may be in this frame already.
  std::span<const ContainerId> failed;
  // Of containers that are finer levels of others or have some (`refinement` in world.json): what
  // to display from this frame on, and what no more, besides what leaves. A level is shown with all
  // its siblings, and what it replaces is hidden in that frame: no hole, and nothing twice.
  std::span<const ContainerId> shown;
  std::span<const ContainerId> hidden;
  // With StreamerOptions::interest_sets: who has to be told of what, and of what no more, each
  // ascending by observer, then by container. An observer is bound to a container from when it
  // comes within its load distance until it is beyond the hysteresis or removed, whether the
  // container is resident or not. What is only forecast or pinned is not in the set, and no shared
  // container is: near is what has bounds. What a limit dropped (Stats::overflows) may be missing.
  // Of more than binds_max changes the rest comes with the next updates, as it stands then.
  std::span<const Bind> bound;
  std::span<const Bind> unbound;
};

enum class Residency : std::uint8_t {
  dormant,
  queued,
  reading,
  decoding,
  resident,
  leaving,  // in memory and not wanted, whether FrameEvents::leaving told of it yet or not
  failed
};

// What an engine does with a container that takes its time: see Streamer::report_cost.
enum class Activation : std::uint8_t {
  arrival,  // it takes what came into use
  leaving,  // it takes what leaves out of use
};

struct Stats {
  std::uint64_t arrivals = 0;  // containers that became resident
  // Needed before they were resident: the number to keep at zero. Also those that were needed until
  // nobody was near them any more and never came, so it can exceed `arrivals`.
  std::uint64_t late_arrivals = 0;
  // Needed at this moment and not resident: not counted above yet. So is what a limit dropped while
  // an observer is inside of it; beyond some four thousand, and what a list is much too short for,
  // it may count for each observer, and counts nowhere but here.
  std::uint32_t late_now = 0;
  // By LateCause, of all that are counted as late_arrivals.
  std::array<std::uint64_t, kLateCauses> late_by_cause = {};
  Duration lateness_max;
  Duration lateness_total;
  std::uint64_t failures = 0;
  Bytes bytes_read;    // from the device
  Bytes bytes_wasted;  // read for containers that went without ever having been needed
  Bytes memory;        // staging and containers, now
  Bytes memory_peak;
  Bytes memory_free;          // for containers, now
  Bytes memory_free_largest;  // the longest piece of it
  // Tries of containers that found no memory, although as much was free in pieces and before
  // anything was let go of for them. Where this grows, smaller containers help as much as a larger
  // budget.
  std::uint64_t refused_by_fragmentation = 0;
  std::uint32_t resident = 0;
  std::uint32_t loading = 0;  // reading or decoding
  std::uint32_t queued = 0;   // wanted, waiting for memory, staging or their turn
  std::uint64_t reads = 0;
  std::uint64_t retries = 0;  // reads repeated after an error or a checksum mismatch
  // Wanted containers dropped at a limit, summed over the frames; those dropped for several
  // observers (wanted_per_observer_max) once for each.
  std::uint64_t overflows = 0;
  std::uint64_t leavings_hastened = 0;  // beyond leaving_cost_max: memory or a slot was needed
  std::uint32_t intents = 0;            // stated, and neither withdrawn nor expired
  Bytes intent_memory;        // of containers: read for intents, and nobody else wants it yet
  Bytes intent_bytes_wasted;  // of bytes_wasted: read for intents that never came true
  Bytes registered;           // of the staging: see StreamerOptions::register_staging
  bool huge_pages = false;    // whether the staging is in them; unknown, so false, if it was given
};

}  // namespace nf
