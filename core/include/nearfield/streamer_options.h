// What a Streamer is made of: its memory, its device, its workers, its limits.
// Plain values; what they point to is borrowed as each says.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/device.h>
#include <nearfield/job_system.h>
#include <nearfield/types.h>

namespace nf {

struct WorldTables;

enum class Backend : std::uint8_t {
  automatic = 0,  // io_uring where the kernel allows it, threads otherwise
  io_uring = 1,   // or an error that says why not
  threads = 2,
};

// An opened archive as the runtime sees it. Both members are borrowed and must outlive the mount.
// The tables hold what check_world (core/world/world_tables.h) demands: an Archive's do.
struct Source {
  const WorldTables* tables = nullptr;
  FileHandle file;
  // Its root is a space of its own, near nothing of other mounts: another star system, behind a
  // gate. Otherwise it shares the root frame of all mounts.
  bool apart = false;
};

// Memory of the engine's own, in place of what the Streamer would map. Borrowed: nobody else writes
// to it, remaps it or discards its pages from `create` until ~Streamer has returned, and the
// Streamer does not touch it after that.
// What is not of a whole granule at the end of a span stays unused.
struct EngineMemory {
  // Where containers are decoded to and stay; begins at a multiple of 256, and so does each of
  // them. Whatever this process can both read and write will do: a heap, huge pages, shared memory,
  // a mapped buffer of a GPU. LZ4 and zstd read back what they have just written. Memory that is
  // mapped uncached or write-combined therefore holds the right bytes but gets them slowly, and
  // memory mapped for writing alone cannot be used. Where a GPU does not see the caches, the engine
  // flushes what arrived.
  std::span<std::byte> containers;
  // Where reads put stored bytes; begins at a multiple of 4096. Ordinary memory, best in huge
  // pages: the kernel makes no direct read into the mapping of a device. While it is registered
  // (see StreamerOptions) a fork copies it, unless the engine has said MADV_DONTFORK.
  std::span<std::byte> staging;
};

struct StreamerOptions {
  // What the Streamer maps, containers and staging together; no default: 0 is refused. With
  // `memory.containers` it is 0: the budget is what was given, and staging comes on top.
  Bytes memory_budget = {};
  Bytes staging = {32ull << 20};  // for stored bytes on their way; at most a quarter of the budget
  EngineMemory memory = {};       // each span replaces what would be mapped for it
  // Writes every page of the containers' memory once in `create`, at some 4 GB a second, so that no
  // container pays for fresh pages. Otherwise the first to use a page does.
  bool touch_memory = false;
  // Registers the staging with the kernel where it allows that, which makes reads cheaper for the
  // processor; not with a `device` of the engine's own. It takes io_uring_register, and writes
  // every page of the staging once. What is registered is locked in memory, and counts against
  // RLIMIT_MEMLOCK, which all rings of a user share: without CAP_IPC_LOCK half of it at most is
  // taken.
  bool register_staging = true;
  Backend backend = Backend::automatic;
  Device* device = nullptr;  // the engine's own, or simulated; borrowed; overrides `backend`
  std::uint32_t decode_workers = 2;  // decode at one time; 0: inside update(), for simulations
  JobSystem jobs = {};  // the engine's: it runs the workers, 1 to 40, which are then no threads
  Bytes read_size_max = {1ull << 20};
  // More only delays what is urgent. From one update() to the next no more than this is read, and
  // no more than loads_max containers: long ticks need more of both.
  Bytes reads_in_flight_max = {4ull << 20};
  Bytes read_per_second_max = {~0ull};       // leaves bandwidth to the rest of the game
  Duration lookahead = {8'000'000'000};      // how far ahead of need containers are read
  Duration read_timeout = {10'000'000'000};  // a container whose reads take longer fails
  Duration retry_after = {1'000'000'000};  // a failed container that is still wanted is tried again
  float hysteresis = 1.15f;                // leaving takes this times the load distance
  std::uint32_t observers_max = 1024;
  std::uint32_t wanted_per_observer_max =
      512;                                // the least urgent beyond are dropped: Stats::overflows;
                                          // what it is inside of of these is late
  std::uint32_t intents_max = 16;         // stated at one time, by all observers; 0: none
  // What only intents want may hold this part of the containers' memory and of loads_max, and
  // nothing that an observer wants.
  float intent_share = 0.25f;
  std::uint32_t loads_max = 256;          // containers on their way at one time
  std::uint32_t active_max = 1u << 16;    // containers wanted or in memory at one time; beyond,
                                          // they are dropped: see Stats::overflows
  bool interest_sets = false;             // tell who is near what: see FrameEvents::bound
  std::uint32_t binds_max = 1u << 16;     // in one frame, and as many unbound
  // Containers that are spawned from templates at one time: not ships, but all that is in them; 100
  // ships of 5 containers take 500. Their ids are the first ones, and those of archives follow.
  std::uint32_t spawned_max = 0;
  bool count_shares = false;              // also while the disk keeps up: see Streamer::share_of
  std::uint32_t arrival_cost_max = 4000;  // microseconds of activation handed out in one frame
  std::uint32_t arrival_cost_default = 100;  // of a container whose author gave none
  // Microseconds of an engine's work on what leaves, in one frame; at least one does. The rest
  // stays as it is meanwhile, those longest unwanted go first, and what is wanted again before its
  // turn never left. Not where its memory is needed: see Stats::leavings_hastened. ~0: all at once,
  // in the frame that wants them no more. That is the default, since it gives memory back soonest
  // and only an engine knows whether unloading costs it anything.
  std::uint32_t leaving_cost_max = ~0u;
  std::uint32_t leaving_cost_default = 50;
};

}  // namespace nf
