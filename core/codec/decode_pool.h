// The decode workers: check and decode the chunks of a container's segment into its memory.
//
// Thread: one owner submits and reaps, neither blocks nor allocates; n workers run inside. They are
// threads of the pool's own, or jobs in an engine's job system. With 0 workers the owner decodes in
// `reap`, which makes a simulation deterministic. Nobody in here takes a lock.
// Memory: `stored` and the part of `raw` that the job's chunks fill belong to the pool from
// `submit` until the job's DecodeDone was reaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <nearfield/job_system.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

// A run of chunks as arrays, one element a chunk; borrowed, immutable.
struct ChunkView {
  const std::uint64_t* checksum = nullptr;   // XXH3-64 of the stored bytes
  const std::uint32_t* stored_at = nullptr;  // from the start of the container's run
  const std::uint32_t* stored_size = nullptr;
  const std::uint32_t* raw_at = nullptr;  // from the start of the container's decoded bytes
  const std::uint32_t* raw_size = nullptr;
  const std::uint16_t* codec = nullptr;
  std::uint32_t count = 0;
  std::uint32_t first_id = 0;  // what an Error's subject counts from
};

struct DecodeTag {
  std::uint64_t value = 0;
};

struct DecodeJob {
  DecodeTag tag;
  ChunkView chunks;
  std::span<const std::byte> stored;  // holds every chunk of the job
  std::uint64_t stored_from = 0;  // where `stored` starts, from the start of the container's run
  std::span<std::byte> raw;       // the container's whole decoded memory
  Time deadline;                  // jobs start in the order of this
  bool notify = true;  // wake an owner that sleeps when this one is done, see DecodePoolOptions
};

struct DecodeDone {
  DecodeTag tag;
  Error error;  // chunk_checksum_mismatch or chunk_decode_failed, subject: the chunk
};

struct DecodePoolOptions {
  std::uint32_t workers = 2;      // at most 64 threads or 40 jobs of an engine's
  JobSystem jobs = {};            // with `submit`: there are no threads, the workers are its jobs
  std::uint32_t jobs_max = 1024;  // decode jobs submitted and not yet reaped
  // Called by a worker when it has finished a job that asks for it or that failed, or has none left
  // to take, for an owner that sleeps; must not block. A call for every job would cost 4 % of LZ4.
  void (*notify)(void* context) = nullptr;
  void* notify_context = nullptr;
};

struct DecodeStats {
  std::uint64_t chunks = 0;
  Bytes raw_bytes;
  Duration busy;  // summed over the workers; zero without workers, where no clock is read
};

class DecodePool {
 public:
  static Result<DecodePool> create(const DecodePoolOptions& options);
  DecodePool(DecodePool&&) noexcept;
  DecodePool& operator=(DecodePool&&) noexcept;
  ~DecodePool();  // finishes what was submitted, and waits for the engine's jobs

  [[nodiscard]] bool submit(const DecodeJob& job);  // false: full
  std::span<const DecodeDone> reap();               // valid until the next call
  DecodeStats stats() const;

 private:
  struct Impl;
  explicit DecodePool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nf
