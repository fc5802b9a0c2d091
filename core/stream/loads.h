// Loads: containers on their way from disk to memory. A load walks its container's run segment by
// segment: staging memory, reads, decode jobs, done.
//
// Thread: the owner's. Allocates in `create` only; moves bytes through Device and DecodePool,
// decides nothing about which container comes next.
//
// Memory: a segment's staging and the container's memory stay taken until every read and decode job
// of theirs has come back, whatever the load's fate: a buffer that the kernel holds is not ours.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/base/pages.h"
#include "core/codec/decode_pool.h"
#include "core/residency/active_set.h"
#include "core/residency/span_allocator.h"
#include "core/schedule/read_plan.h"

namespace nf {

// What is needed within this time is urgent; the rest is prefetch.
inline constexpr Duration kUrgentWithin = {500'000'000};

struct LoadsOptions {
  Bytes staging;
  // Of that size, at the start of a page, borrowed: in place of memory of our own.
  std::byte* staging_memory = nullptr;
  Bytes read_size_max;
  std::uint32_t loads_max = 256;
  std::uint32_t attempts_max = 3;  // of a segment, after read errors or wrong checksums
  std::uint32_t decode_workers = 1;
  std::uint32_t decode_jobs_max = 4096;  // DecodePoolOptions::jobs_max, or more
  Duration read_timeout;
};

// What to fetch and where to put it.
struct LoadOrder {
  ActiveSlot owner;
  ContainerId container;
  const ChunkTable* chunks = nullptr;
  std::uint32_t first_chunk = 0;
  std::uint32_t end_chunk = 0;
  FileId file;
  FileOffset run_at;
  std::span<std::byte> raw;    // the container's memory
  SpanAllocator::Span memory;  // handed back in LoadEnd
  Time needed_at;
};

// A load that is over. Its memory is the owner's again.
struct LoadEnd {
  LoadId load;
  ActiveSlot owner;  // none if it was abandoned
  ContainerId container;
  SpanAllocator::Span memory;
  Bytes bytes_read;
  Time read_at;        // when the last of them came
  bool alone = false;  // no other load was on its way when it began
  Error error;         // ok: every byte is there and checked
};

// A load that takes too long. It stays, abandoned, until the kernel gives its buffers back.
struct LoadTimeout {
  LoadId load;
  ActiveSlot owner;
};

class Loads {
 public:
  static Result<Loads> create(const LoadsOptions& options);

  // Prefetch leaves a quarter of the staging and of the segments on their way, and of the loads if
  // there are four, to what is urgent.
  bool can_start(bool urgent) const;
  LoadId start(const LoadOrder& order, Time now);
  void set_needed_at(LoadId load, Time needed_at);
  bool decoding(LoadId load) const;                                       // its reads are done
  Time read_at(LoadId load) const { return loads_[load.value].read_at; }  // of the last so far

  // Nobody waits for it any more: reads that have not started are withdrawn, the rest drains. Its
  // memory counts as on its way back until `back_by`.
  void abandon(LoadId load, Device& device, Time back_by = {});

  // What loads that were abandoned still have, and give back soon: not what hangs.
  Bytes abandoned_memory() const { return abandoned_memory_; }

  // Whether reads of an abandoned load of this container are still with the kernel.
  bool draining(ContainerId container) const;

  // Whether any load of this file has not ended, or its end was not taken; abandoned ones included.
  bool reads_from(FileId file) const;

  // Something that is needed then waits for staging: what is needed later leaves it some.
  void let_pass(Time waiting) { waiting_ = waiting; }
  // Starts further segments and hands reads to the device, most urgent first.
  void submit_reads(Device& device, RateLimit& rate, Time now);
  void take_reads(Device& device, DecodePool& decoder, Time now);
  void take_decoded(DecodePool& decoder);

  // Loads that are over, and those that just passed read_timeout; valid until the next call of
  // either.
  std::span<const LoadEnd> take_ended();
  std::span<const LoadTimeout> find_timed_out(Time now);

  std::uint32_t count() const { return live_count_; }  // whose ends were not taken yet
  std::uint64_t retries() const { return retries_; }
  bool in_huge_pages() const { return staging_.kind() == PageKind::huge; }
  Bytes staging_size() const { return staging_spans_.capacity(); }
  std::span<std::byte> staging() const { return staging_.bytes().first(staging_size().value); }
  // The largest chunk that can be fetched, with the pages it straddles.
  Bytes chunk_span_max() const;

 private:
  using PartId = Id<struct PartTag>;

  // One segment on its way.
  struct Part {
    Segment segment;
    SpanAllocator::Span staging;
    LoadId load;
    std::uint32_t generation = 0;
    std::uint32_t reads = 0;  // of the segment
    std::uint32_t reads_sent = 0;
    std::uint32_t reads_out = 0;    // with the device
    std::uint64_t reads_good = 0;   // bit by read
    std::uint32_t jobs_out = 0;     // with the decoder
    std::uint32_t chunks_sent = 0;  // to the decoder
    std::uint32_t attempts = 0;
    Time deadline{};  // the latest one of the reads that the device has
    Error error{};
    bool live = false;
  };
  struct Load {
    LoadOrder order;
    Time progress_at;              // when it last got anywhere
    Time read_at;                  // when bytes last came
    Time back_by{};                // awaited: until then
    std::uint32_t next_chunk = 0;  // first one that is in no part yet
    std::uint32_t parts = 0;       // live ones
    Bytes bytes_read{};
    Error error{};
    bool alone = false;  // when it began
    bool abandoned = false;
    bool awaited = false;  // abandoned: counts among abandoned_memory_
    bool timed_out = false;
    bool ended = false;  // and not taken yet
    bool live = false;
  };

  std::uint64_t tag_of(PartId part, std::uint32_t read) const;
  Part* find_part(std::uint64_t tag);  // null if the tag is of an earlier life
  std::size_t parts_reserved(bool urgent) const;
  bool start_part(LoadId load, bool urgent);
  void start_parts(Time now);
  void gather_reads(std::size_t room, RateLimit& rate);
  void move_forward(PartId part, Device& device);
  void on_read(const ReadDone& done, Time now);
  bool among_last(const Part& part, std::uint32_t chunk) const;
  void send_jobs(PartId part, DecodePool& decoder);
  void settle(PartId part);
  void release_part(PartId part);
  void end_load(LoadId load);
  void await_no_more(Load& load);
  std::uint64_t covered_bytes(const Part& part) const;
  std::span<std::byte> staging_of(const Part& part) const;

  LoadsOptions options_;
  std::uint64_t segment_size_max_ = 0;
  PageBlock staging_;
  SpanAllocator staging_spans_;
  std::vector<Load> loads_;
  std::vector<Part> parts_;
  std::vector<std::uint32_t> free_loads_, free_parts_;
  std::vector<Waiting> order_;       // scratch
  std::vector<Read> reads_;          // scratch
  std::vector<DecodeDone> decoded_;  // scratch
  std::vector<LoadEnd> ended_, ended_out_;
  std::vector<LoadTimeout> timed_out_;
  std::uint32_t live_count_ = 0;
  Bytes abandoned_memory_;
  Time waiting_ = Time::never();
  bool jobs_refused_ = false;  // by a decoder that was full
  std::uint64_t retries_ = 0;
};

}  // namespace nf
