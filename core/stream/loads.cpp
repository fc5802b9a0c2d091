#include "core/stream/loads.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"

namespace nf {
namespace {

constexpr std::uint32_t kReadsPerPartMax = 64;  // Part::reads_good has a bit for each
constexpr std::uint32_t kStagingParts = 4;      // a segment takes at most this share of staging
constexpr std::uint32_t kUrgentShare = 4;       // of the loads and parts is for what is urgent
// Decoded bytes of a job: large enough that handing it over costs nothing beside it, small enough
// that several workers share one container.
constexpr std::uint64_t kJobBytes = 256 << 10;
// What is needed sooner than its reads know by more than this overtakes others.
constexpr Duration kMovedForward = {100'000'000};

// Only then can a completion belong to nobody.
constexpr bool kBuffersReturnedEarly =
    planted_bug == kBufferReturnedOnCancel || planted_bug == kBufferReturnedOnTimeout;

}  // namespace

Result<Loads> Loads::create(const LoadsOptions& options) {
  if (options.loads_max == 0 || options.loads_max > 16384 || options.read_size_max.value == 0 ||
      options.staging.value < kStagingParts * kRunAlignment) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  Loads made;
  made.options_ = options;
  made.segment_size_max_ = std::min(options.staging.value / kStagingParts,
                                    kReadsPerPartMax * options.read_size_max.value);
  if (options.staging_memory == nullptr) {
    const bool large = options.staging.value >= (2ull << 20);
    Result<PageBlock> staging =
        PageBlock::map(options.staging, large ? PageKind::huge : PageKind::ordinary);
    if (!staging) return staging.error();
    made.staging_ = std::move(*staging);
    made.staging_.keep_from_forks();
  } else {
    made.staging_ = PageBlock::borrow({options.staging_memory, options.staging.value});
  }
  const std::uint32_t parts_max = options.loads_max * 2;
  auto spans = SpanAllocator::create(options.staging, Bytes{kRunAlignment}, parts_max);
  if (!spans) return spans.error();
  made.staging_spans_ = std::move(*spans);
  made.loads_.resize(options.loads_max);
  made.parts_.resize(parts_max);
  for (std::uint32_t i = options.loads_max; i-- > 0;) made.free_loads_.push_back(i);
  for (std::uint32_t i = parts_max; i-- > 0;) made.free_parts_.push_back(i);
  made.order_.reserve(parts_max);
  made.decoded_.reserve(options.decode_jobs_max);
  made.reads_.reserve(std::size_t{kReadsPerPartMax} * 16);
  made.ended_.reserve(options.loads_max);
  made.ended_out_.reserve(options.loads_max);
  made.timed_out_.reserve(options.loads_max);
  return made;
}

// Prefetch leaves a quarter of the staging free, and a part has a bit for each of its reads.
Bytes Loads::chunk_span_max() const {
  return {std::min(staging_spans_.capacity().value / kStagingParts * (kStagingParts - 1),
                   kReadsPerPartMax * options_.read_size_max.value)};
}

bool Loads::can_start(bool urgent) const {
  const std::size_t reserved = urgent ? 0 : loads_.size() / kUrgentShare;
  if (free_loads_.size() <= reserved || free_parts_.size() <= parts_reserved(urgent)) return false;
  const std::uint64_t free = staging_spans_.capacity().value - staging_spans_.used().value;
  return free >= segment_size_max_ * (urgent ? 1 : 2);
}

std::size_t Loads::parts_reserved(bool urgent) const {
  return urgent ? 0 : parts_.size() / kUrgentShare;
}

LoadId Loads::start(const LoadOrder& order, Time now) {
  NF_ASSERT(!free_loads_.empty() && order.first_chunk < order.end_chunk);
  const LoadId id{free_loads_.back()};
  free_loads_.pop_back();
  loads_[id.value] = Load{.order = order,
                          .progress_at = now,
                          .read_at = now,
                          .next_chunk = order.first_chunk,
                          .alone = live_count_ == 0,
                          .live = true};
  ++live_count_;
  // Its first part at once, so that `can_start` knows what is left.
  start_part(id, order.needed_at <= now + kUrgentWithin);
  return id;
}

void Loads::set_needed_at(LoadId load, Time needed_at) {
  loads_[load.value].order.needed_at = needed_at;
}

bool Loads::decoding(LoadId id) const {
  const Load& load = loads_[id.value];
  if (load.next_chunk < load.order.end_chunk) return false;
  return std::none_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.live && part.load == id && (part.reads_out > 0 || part.reads_sent < part.reads);
  });
}

std::uint64_t Loads::tag_of(PartId part, std::uint32_t read) const {
  return std::uint64_t{parts_[part.value].generation} << 32 | read << 16 | part.value;
}

Loads::Part* Loads::find_part(std::uint64_t tag) {
  const auto slot = static_cast<std::uint32_t>(tag & 0xFFFF);
  if (slot >= parts_.size()) return nullptr;
  Part& part = parts_[slot];
  return part.live && part.generation == tag >> 32 ? &part : nullptr;
}

std::span<std::byte> Loads::staging_of(const Part& part) const {
  return staging_.bytes().subspan(part.staging.at, part.segment.size);
}

bool Loads::start_part(LoadId id, bool urgent) {
  Load& load = loads_[id.value];
  const Segment segment =
      next_segment(*load.order.chunks, load.next_chunk, load.order.end_chunk, segment_size_max_);
  const std::uint64_t free = staging_spans_.capacity().value - staging_spans_.used().value;
  const std::uint64_t reserve = urgent ? 0 : staging_spans_.capacity().value / kStagingParts;
  if (free_parts_.size() <= parts_reserved(urgent) || free < segment.size + reserve) return false;
  const SpanAllocator::Span staging = staging_spans_.allocate(segment.size);
  if (!staging.valid()) return false;
  const PartId at{free_parts_.back()};
  free_parts_.pop_back();
  const std::uint64_t read_size = options_.read_size_max.value;
  const std::uint32_t generation = parts_[at.value].generation + 1;
  parts_[at.value] =
      Part{.segment = segment,
           .staging = staging,
           .load = id,
           .generation = generation,
           .reads = static_cast<std::uint32_t>((segment.size + read_size - 1) / read_size),
           .live = true};
  NF_ASSERT(parts_[at.value].reads <= kReadsPerPartMax);
  load.next_chunk += segment.chunk_count;
  ++load.parts;
  return true;
}

void Loads::start_parts(Time now) {
  order_.clear();
  for (std::uint32_t i = 0; i < loads_.size(); ++i) {
    const Load& load = loads_[i];
    if (!load.live || load.abandoned || load.error || load.next_chunk == load.order.end_chunk)
      continue;
    order_.push_back({.needed_at = load.order.needed_at, .tie = i, .slot = i});
  }
  order_by_need(order_, order_.size());
  for (const Waiting& candidate : order_) {
    const LoadId id{candidate.slot};
    const bool urgent = candidate.needed_at <= std::min(now + kUrgentWithin, waiting_);
    while (loads_[id.value].next_chunk < loads_[id.value].order.end_chunk) {
      if (!start_part(id, urgent)) return;
    }
  }
}

void Loads::gather_reads(std::size_t room, RateLimit& rate) {
  reads_.clear();
  room = std::min(room, reads_.capacity());
  const std::uint64_t read_size = options_.read_size_max.value;
  for (const Waiting& candidate : order_) {
    Part& part = parts_[candidate.slot];
    const LoadOrder& order = loads_[part.load.value].order;
    while (part.reads_sent < part.reads && reads_.size() < room && rate.allows()) {
      const std::uint64_t from = part.reads_sent * read_size;
      const std::uint64_t size = std::min(read_size, part.segment.size - from);
      reads_.push_back({.file = order.file,
                        .at = order.run_at + Bytes{part.segment.run_from + from},
                        .into = staging_of(part).subspan(from, size),
                        .tag = {tag_of({candidate.slot}, part.reads_sent)},
                        .deadline = order.needed_at});
      part.deadline =
          part.reads_out == 0 ? order.needed_at : std::max(part.deadline, order.needed_at);
      ++part.reads_sent;
      ++part.reads_out;
      rate.spend(size);
    }
  }
}

// Its reads that still wait in the device overtake what is needed later.
void Loads::move_forward(PartId id, Device& device) {
  Part& part = parts_[id.value];
  const Time needed_at = loads_[part.load.value].order.needed_at;
  if (part.reads_out == 0 || needed_at >= part.deadline) return;
  if (part.deadline - kMovedForward < needed_at || planted_bug == kNeededSoonerUntold) return;
  part.deadline = needed_at;
  for (std::uint32_t read = 0; read < part.reads_sent; ++read) {
    if ((part.reads_good >> read & 1) == 0) device.reschedule({tag_of(id, read)}, needed_at);
  }
}

void Loads::submit_reads(Device& device, RateLimit& rate, Time now) {
  rate.refill(now);
  start_parts(now);
  order_.clear();
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (!part.live || part.error) continue;
    const Load& load = loads_[part.load.value];
    if (load.abandoned || load.error) continue;
    move_forward({i}, device);
    if (part.reads_sent == part.reads) continue;
    order_.push_back({.needed_at = load.order.needed_at, .tie = i, .slot = i});
  }
  if (order_.empty()) return;
  order_by_need(order_, order_.size());
  gather_reads(device.limits().reads_max, rate);
  const std::size_t taken = device.submit(reads_, now);
  NF_ASSERT(taken <= reads_.size());
  // What the device had no room for was not sent after all; the last of each part come off first.
  for (std::size_t i = reads_.size(); i-- > taken;) {
    Part* part = find_part(reads_[i].tag.value);
    --part->reads_sent;
    --part->reads_out;
    rate.refund(reads_[i].into.size());
  }
  for (std::size_t i = 0; i < taken; ++i) {
    loads_[find_part(reads_[i].tag.value)->load.value].progress_at = now;
  }
}

void Loads::on_read(const ReadDone& done, Time now) {
  Part* part = find_part(done.tag.value);
  if (part == nullptr) {
    NF_ASSERT(kBuffersReturnedEarly);
    return;
  }
  NF_ASSERT(part->reads_out > 0);
  --part->reads_out;
  Load& load = loads_[part->load.value];
  load.progress_at = load.read_at = now;
  load.bytes_read += done.bytes_read;
  const auto read = static_cast<std::uint32_t>(done.tag.value >> 16 & 0xFFFF);
  const std::uint64_t from = read * options_.read_size_max.value;
  const std::uint64_t size = std::min(options_.read_size_max.value, part->segment.size - from);
  if (done.error) {
    part->error = done.error;
  } else if (done.bytes_read.value < size) {
    part->error = Error{.code = ErrorCode::file_too_short};
  } else {
    part->reads_good |= std::uint64_t{1} << read;
    return;
  }
  part->error.at = load.order.run_at.value + part->segment.run_from + from + done.bytes_read.value;
  part->error.subject_kind = Subject::container;
  part->error.subject = load.order.container.value;
}

// Bytes from the start of the segment that are there without a gap.
std::uint64_t Loads::covered_bytes(const Part& part) const {
  const auto leading = static_cast<std::uint64_t>(std::countr_one(part.reads_good));
  return std::min(leading * options_.read_size_max.value, part.segment.size);
}

// Whether what comes before `chunk` may be the last of its segment to be decoded: the workers
// finish in any order.
bool Loads::among_last(const Part& part, std::uint32_t chunk) const {
  const ChunkTable& chunks = *loads_[part.load.value].order.chunks;
  const std::uint32_t end = part.segment.first_chunk + part.segment.chunk_count;
  std::uint64_t left = 0;
  while (chunk < end && left < options_.decode_workers * kJobBytes)
    left += chunks.raw_size[chunk++];
  return left < options_.decode_workers * kJobBytes;
}

void Loads::send_jobs(PartId id, DecodePool& decoder) {
  Part& part = parts_[id.value];
  const Load& load = loads_[part.load.value];
  if (part.error || load.abandoned || load.error) return;
  const ChunkTable& chunks = *load.order.chunks;
  const std::uint32_t covered = chunks_covered(chunks, part.segment, covered_bytes(part));
  while (part.chunks_sent < covered) {
    const std::uint32_t first = part.segment.first_chunk + part.chunks_sent;
    std::uint32_t count = 0;
    for (std::uint64_t bytes = 0; part.chunks_sent + count < covered && bytes < kJobBytes;) {
      bytes += chunks.raw_size[first + count++];
    }
    const DecodeJob job{.tag = {tag_of(id, 0)},
                        .chunks = {.checksum = chunks.checksum.data() + first,
                                   .stored_at = chunks.stored_at.data() + first,
                                   .stored_size = chunks.stored_size.data() + first,
                                   .raw_at = chunks.raw_at.data() + first,
                                   .raw_size = chunks.raw_size.data() + first,
                                   .codec = chunks.codec.data() + first,
                                   .count = count,
                                   .first_id = first},
                        .stored = staging_of(part),
                        .stored_from = part.segment.run_from,
                        .raw = load.order.raw,
                        .deadline = load.order.needed_at,
                        .notify = among_last(part, first + count)};
    if (!decoder.submit(job)) {
      jobs_refused_ = true;  // full: again when some are done
      return;
    }
    part.chunks_sent += count;
    ++part.jobs_out;
  }
}

void Loads::take_reads(Device& device, DecodePool& decoder, Time now) {
  for (const ReadDone& done : device.reap(now)) on_read(done, now);
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].live) continue;
    send_jobs({i}, decoder);
    settle({i});
  }
}

void Loads::take_decoded(DecodePool& decoder) {
  const std::span<const DecodeDone> reaped = decoder.reap();
  decoded_.assign(reaped.begin(), reaped.end());
  // So that a frame does not depend on which worker was first.
  std::sort(decoded_.begin(), decoded_.end(), [](const DecodeDone& a, const DecodeDone& b) {
    return a.tag.value != b.tag.value ? a.tag.value < b.tag.value
                                      : a.error.subject < b.error.subject;
  });
  for (const DecodeDone& done : decoded_) {
    Part* part = find_part(done.tag.value);
    if (part == nullptr) {
      NF_ASSERT(kBuffersReturnedEarly);
      continue;
    }
    NF_ASSERT(part->jobs_out > 0);
    --part->jobs_out;
    if (done.error && !part->error) {
      const LoadOrder& order = loads_[part->load.value].order;
      part->error = done.error;
      part->error.at = order.run_at.value + order.chunks->stored_at[done.error.subject];
    }
    settle({static_cast<std::uint32_t>(part - parts_.data())});
  }
  if (!std::exchange(jobs_refused_, false)) return;
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].live) send_jobs({i}, decoder);
  }
}

// Ends, repeats or leaves alone a part, depending on what is still out.
void Loads::settle(PartId id) {
  Part& part = parts_[id.value];
  if (!part.live || part.reads_out > 0 || part.jobs_out > 0) return;
  Load& load = loads_[part.load.value];
  if (load.abandoned || load.error) {
    release_part(id);
  } else if (part.error) {
    if (++part.attempts >= options_.attempts_max) {
      load.error = part.error;
      release_part(id);
      return;
    }
    ++retries_;
    ++part.generation;
    part.error = {};
    part.reads_sent = part.chunks_sent = 0;
    part.reads_good = 0;
  } else if (part.chunks_sent == part.segment.chunk_count) {
    release_part(id);
  }
}

void Loads::release_part(PartId id) {
  Part& part = parts_[id.value];
  const LoadId load = part.load;
  staging_spans_.free(part.staging);
  ++part.generation;
  part.live = false;
  free_parts_.push_back(id.value);
  --loads_[load.value].parts;
  end_load(load);
}

void Loads::end_load(LoadId id) {
  Load& load = loads_[id.value];
  if (load.parts > 0 || !load.live || load.ended) return;
  const bool whole = load.next_chunk == load.order.end_chunk;
  if (!whole && !load.error && !load.abandoned) return;
  ended_.push_back({.load = id,
                    .owner = load.abandoned ? ActiveSlot::none() : load.order.owner,
                    .container = load.order.container,
                    .memory = load.order.memory,
                    .bytes_read = load.bytes_read,
                    .read_at = load.read_at,
                    .alone = load.alone,
                    .error = load.error});
  load.ended = true;
}

void Loads::abandon(LoadId id, Device& device, Time back_by) {
  Load& load = loads_[id.value];
  NF_ASSERT(load.live && !load.abandoned);
  load.abandoned = true;
  load.awaited = !load.timed_out;
  load.back_by = back_by;
  if (load.awaited) abandoned_memory_ += Bytes{load.order.memory.size};
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    if (!part.live || part.load != id) continue;
    for (std::uint32_t read = 0; read < part.reads_sent; ++read) {
      if ((part.reads_good >> read & 1) == 0) device.cancel({tag_of({i}, read)});
    }
    if (planted_bug == (load.timed_out ? kBufferReturnedOnTimeout : kBufferReturnedOnCancel)) {
      release_part({i});
    } else {
      settle({i});
    }
  }
  end_load(id);
}

bool Loads::reads_from(FileId file) const {
  return std::any_of(loads_.begin(), loads_.end(),
                     [file](const Load& load) { return load.live && load.order.file == file; });
}

bool Loads::draining(ContainerId container) const {
  return std::any_of(loads_.begin(), loads_.end(), [&](const Load& load) {
    return load.live && load.abandoned && load.order.container == container;
  });
}

std::span<const LoadTimeout> Loads::find_timed_out(Time now) {
  timed_out_.clear();
  for (const Part& part : parts_) {
    if (!part.live) continue;
    Load& load = loads_[part.load.value];
    if (load.abandoned) {
      if (now >= load.back_by) await_no_more(load);
      continue;
    }
    if (part.reads_out == 0 || load.timed_out) continue;
    if (now - load.progress_at < options_.read_timeout) continue;
    load.timed_out = true;
    timed_out_.push_back({.load = part.load, .owner = load.order.owner});
  }
  return timed_out_;
}

void Loads::await_no_more(Load& load) {
  if (!std::exchange(load.awaited, false)) return;
  abandoned_memory_ -= Bytes{load.order.memory.size};
}

// Only now may another load have its id: until its end was told, others keep what they know of it
// by that, and its file stays in use.
std::span<const LoadEnd> Loads::take_ended() {
  ended_out_.clear();
  std::swap(ended_, ended_out_);
  for (const LoadEnd& end : ended_out_) {
    Load& load = loads_[end.load.value];
    await_no_more(load);
    load.live = false;
    free_loads_.push_back(end.load.value);
    --live_count_;
  }
  return ended_out_;
}

}  // namespace nf
