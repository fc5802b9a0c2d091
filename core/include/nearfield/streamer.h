// Streamer: keeps the containers near every observer in memory, within a budget.
//
// Thread: a Streamer belongs to the thread that created it; every call that changes anything checks
// it. It calls nothing of the engine's but what it was given in StreamerOptions (device, jobs),
// never blocks inside `update`, and allocates only in `create`, `mount` and `add_observer`. A
// client has one observer, a server one for each player: the class is the same.
// Memory: asset bytes belong to the Streamer; they stay where they are while a Pin holds them.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/device.h>
#include <nearfield/job_system.h>
#include <nearfield/result.h>
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
  Bytes reads_in_flight_max = {4ull << 20};  // more only delays what is urgent
  Bytes read_per_second_max = {~0ull};       // leaves bandwidth to the rest of the game
  Duration lookahead = {8'000'000'000};      // how far ahead of need containers are read
  Duration read_timeout = {10'000'000'000};  // a container whose reads take longer fails
  Duration retry_after = {1'000'000'000};  // a failed container that is still wanted is tried again
  float hysteresis = 1.15f;                // leaving takes this times the load distance
  std::uint32_t observers_max = 1024;
  std::uint32_t wanted_per_observer_max =
      512;                                // the least urgent beyond are dropped: Stats::overflows
  std::uint32_t loads_max = 256;          // containers on their way at one time
  std::uint32_t active_max = 1u << 16;    // containers wanted or in memory at one time; beyond,
                                          // they are dropped: see Stats::overflows
  std::uint32_t arrival_cost_max = 4000;  // microseconds of activation handed out in one frame
  std::uint32_t arrival_cost_default = 100;  // of a container whose author gave none
};

struct Motion {
  WorldPosition position;
  WorldVector velocity;  // metres a second, as seen in the frame
  // The container whose frame both are in: of the ship that the player walks in, of the planet that
  // it flies over. None: the root frame. May change with any motion; that is no jump.
  ContainerId frame = {};
};

// Where a container's frame is in its parent's, and how it moves there.
struct FrameMotion {
  WorldPosition position;  // of its origin
  WorldRotation rotation;  // of its axes; a unit quaternion
  WorldVector velocity;    // metres a second
  WorldVector spin;        // radians a second about this axis; both zero: measured between calls
};

struct Observer {
  Motion motion;
  float bubble_scale = 1;  // multiplies every load distance
};

// What changed in this frame. The spans are valid until the next update() or wait(). What leaves
// does so before anything arrives: its memory may have been taken for that.
struct FrameEvents {
  std::span<const ContainerId> arrived;  // now resident
  std::span<const Duration> lateness;    // parallel to arrived: 0 for those in time
  std::span<const ContainerId>
      leaving;  // no longer wanted; unloaded when memory is needed and no Pin holds it
  std::span<const ContainerId> failed;  // see Streamer::failure(); tried again after retry_after
  // Of containers that are finer levels of others or have some (`refinement` in world.json): what
  // to display from this frame on, and what no more, besides what leaves. A level is shown with all
  // its siblings, and what it replaces is hidden in that frame: no hole, and nothing twice.
  std::span<const ContainerId> shown;
  std::span<const ContainerId> hidden;
};

struct AssetView {
  AssetId id;  // asset_id("name")
  std::uint16_t kind = 0;
  // Begins at a multiple of 16 if `nearfield pack` made the archive; others need not care.
  std::span<const std::byte> bytes;
};

enum class Residency : std::uint8_t {
  dormant,
  queued,
  reading,
  decoding,
  resident,
  leaving,
  failed
};

class StreamerImpl;

// Keeps one container, and what it depends on, resident wherever the observers are. Move only.
// Must not outlive its Streamer. Spans taken from a Pin are valid while the Pin lives.
class Pin {
 public:
  Pin() = default;
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  ~Pin();

  ContainerId id() const { return id_; }
  bool resident() const;                       // arrived, by an update()
  std::uint32_t asset_count() const;           // known before it is resident
  AssetView asset(std::uint32_t index) const;  // ascending by id; bytes empty until resident
  Result<std::span<const std::byte>> find(
      AssetId id) const;  // not_found; or the container's failure

 private:
  friend class Streamer;
  Pin(StreamerImpl* owner, ContainerId id);
  StreamerImpl* owner_ = nullptr;
  ContainerId id_;
};

struct Stats {
  std::uint64_t arrivals = 0;       // containers that became resident
  std::uint64_t late_arrivals = 0;  // needed before they were resident: the number to keep at zero
  std::uint32_t late_now = 0;       // needed at this moment and not resident: not counted above yet
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
  std::uint64_t retries = 0;    // reads repeated after an error or a checksum mismatch
  std::uint64_t overflows = 0;  // wanted containers dropped at a limit, summed over the frames
  Bytes registered;             // of the staging: see StreamerOptions::register_staging
  bool huge_pages = false;  // whether the staging is in them; unknown, so false, if it was given
};

class Streamer {
 public:
  static Result<Streamer> create(const StreamerOptions& options);
  Streamer(Streamer&&) noexcept;
  Streamer& operator=(Streamer&&) noexcept;
  ~Streamer();  // waits until the kernel and the engine's jobs have given back every buffer

  // Adds an archive's containers; ids are assigned in one range. The source must outlive this.
  Result<ContainerRange> mount(const Source& source);

  Result<ObserverId> add_observer(const Observer& observer, Time now);
  void move_observer(ObserverId id, const Motion& motion, Time now);
  void remove_observer(ObserverId id);
  // Moves the frame of a container that may move (`moves` in its world.json), and all below it with
  // it, at the cost of one pose: nothing is indexed anew. invalid_argument for any other container,
  // and for a motion that is no number or no rotation.
  Result<void> move_frame(ContainerId id, const FrameMotion& motion, Time now);

  // One step of the pipeline. `now` is the caller's clock and never runs backwards, so that a run
  // can be replayed exactly.
  FrameEvents update(Time now);

  // Empty, and never resident, if active_max containers are active already. `needed_in` says how
  // far ahead of need this is, a day at most: a gate that is spooling up, a landing that was asked
  // for. What is needed sooner is read first. Of several pins the earliest counts, until all went.
  Pin pin(ContainerId id, Duration needed_in = {});
  ContainerId find(
      std::string_view path) const;  // "planet/zone/room"; none if there is no such container
  // Steps the pipeline until the pin is resident, failed or the time is over; what arrived or left
  // meanwhile comes with the next update(). Blocks: for loading screens and tools, not for frames.
  // `now` is where the caller's clock stands. An engine's jobs run on other threads meanwhile.
  Result<void> wait(const Pin& pin, Time now, Duration timeout);

  // Blocks until reads or decoded chunks are there for the next update(), or the time is over; now
  // and then returns for nothing. What only waits for time to pass (a rate limit, retry_after, the
  // next frame's budget) does not end it. For tools and servers that have nothing else to do.
  void wait_for_progress(Duration timeout);

  Residency state(ContainerId id) const;
  Error failure(ContainerId id) const;  // its own, or of something it depends on; else ok
  Stats stats() const;
  const char* backend() const;         // Device::name()
  const char* backend_reason() const;  // why not io_uring; empty if it is, or was not asked for
  // As of the last update(): nothing is on its way, and nothing waits for staging or for the next
  // frame's budget. What found no memory or failed does not count: it waits for the world to
  // change.
  bool idle() const;

 private:
  explicit Streamer(StreamerImpl* impl);
  StreamerImpl* impl_ = nullptr;
};

}  // namespace nf
