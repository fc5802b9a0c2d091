#include "core/io/sim_device.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/base/assert.h"
#include "core/base/prng.h"
#include "core/io/in_flight_memory.h"
#include "core/io/read_checks.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::uint32_t kOperationsMax = 64;
constexpr int kMemoryHandleTop = -1000;             // the handle of memory file i is this minus i
constexpr double kQuantile99 = 2.3263478740408408;  // of the normal distribution
constexpr Duration kHang = 20_s;
constexpr Duration kSlowMax = 500_ms;
constexpr Duration kSecondCompletionMax = 2_ms;

struct SimFile {
  bool open = false;
  bool in_memory = false;
  std::span<const std::byte> content;  // of a memory file
  int descriptor = -1;                 // of a real one
};

enum class EventKind : std::uint8_t { read, again, stale };

struct Event {
  Time at;
  std::uint64_t order = 0;
  RawRead raw;
  std::int32_t result = 0;  // -errno, or the most bytes that the read gives
  EventKind kind = EventKind::read;
  bool flip = false;
  bool twice = false;
  std::uint64_t source_at = 0;  // raw.at, unless misdirected
};

struct EventLater {
  bool operator()(const Event& a, const Event& b) const {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }
};

// Bytes of the file at [at, at + size), fewer where it ends; -errno if it cannot be read.
std::int32_t copy_bytes(const SimFile& file, std::uint64_t at, std::span<std::byte> into) {
  if (file.in_memory) {
    if (at >= file.content.size()) return 0;
    const std::size_t count = std::min<std::size_t>(into.size(), file.content.size() - at);
    std::memcpy(into.data(), file.content.data() + at, count);
    return static_cast<std::int32_t>(count);
  }
  std::size_t count = 0;
  while (count < into.size()) {
    const ssize_t got = ::pread(file.descriptor, into.data() + count, into.size() - count,
                                static_cast<off_t>(at + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  return static_cast<std::int32_t>(count);
}

}  // namespace

struct SimDevice::Impl {
  explicit Impl(const SimDeviceOptions& wanted);

  void start_reads(Time at);
  Event draw_event(const RawRead& raw, Time at);
  void draw_faults(Event& event, Time at);
  Time draw_end(const RawRead& raw, Time at);
  Duration draw_latency();
  void handle(const Event& event);
  std::int32_t move_bytes(const Event& event);
  void push(const Event& event);
  Event pop();
  Time next_due() const;

  SimDeviceOptions options;
  ReadQueue queue;
  Prng prng;
  double sigma = 0;
  SimFile files[kFilesMax];
  std::vector<std::span<const std::byte>> memory_files;
  std::vector<Event> events;     // heap, earliest first
  std::vector<Time> lanes;       // when each of `parallel` is free
  std::vector<bool> owes_block;  // by slot: the last read of it ended inside a block
  std::vector<ReadDone> done;
  Time now;
  Time pipe_free;                      // the transfers accepted so far end here
  Time refused_until = Time::never();  // the simulated kernel takes no read before this
  FileId last_file;
  std::uint64_t last_end = 0;
  std::uint64_t order = 0;
  bool faulty = false;
};

SimDevice::Impl::Impl(const SimDeviceOptions& wanted)
    : options(wanted),
      queue({.reads_max = wanted.reads_max,
             .in_flight_max = wanted.in_flight_max,
             .operations_max = kOperationsMax}),
      prng(wanted.seed) {
  const DeviceModel& model = options.model;
  NF_ASSERT(model.bytes_per_second > 0 && model.parallel > 0);
  NF_ASSERT(model.latency_p50.ns > 0 && model.latency_p99 >= model.latency_p50);
  sigma = std::log(static_cast<double>(model.latency_p99.ns) /
                   static_cast<double>(model.latency_p50.ns)) /
          kQuantile99;
  memory_files.reserve(kFilesMax);
  events.reserve(std::size_t{3} * kOperationsMax);
  lanes.resize(model.parallel);
  owes_block.resize(wanted.reads_max);
  done.resize(wanted.reads_max);
}

// Hands waiting reads to the simulated kernel, as the thread behind a real ring would at this time.
void SimDevice::Impl::start_reads(Time at) {
  if (refused_until != Time::never() && at < refused_until) return;
  refused_until = Time::never();
  RawRead raw;
  while (queue.start(raw)) {
    if (faulty && prng.chance(options.faults.refuse)) {
      queue.return_raw(raw);
      refused_until = at + Duration{static_cast<std::int64_t>(5'000 + prng.below(200'000))};
      return;
    }
    close_to_program(raw.into, raw.size);
    push(draw_event(raw, at));
  }
}

Event SimDevice::Impl::draw_event(const RawRead& raw, Time at) {
  Event event{.at = draw_end(raw, at),
              .order = order++,
              .raw = raw,
              .result = static_cast<std::int32_t>(raw.size),
              .source_at = raw.at};
  const auto slot = static_cast<std::uint32_t>(raw.user_data);
  const bool owed = owes_block[slot];
  owes_block[slot] = false;
  if (!faulty) return event;
  draw_faults(event, at);
  if (prng.chance(options.faults.short_read) && raw.size > 1) {
    // A kernel that stopped inside a block does not do so again at the same place, or a reader
    // could not tell this from the end of the file.
    const std::uint32_t least = owed ? std::min(raw.size, kReadAlignment) : 1;
    const auto count = static_cast<std::int32_t>(least + prng.below(raw.size - least));
    if (event.result >= 0) {
      event.result = count;
      owes_block[slot] = static_cast<std::uint32_t>(count) % kReadAlignment != 0;
    }
  }
  if (event.result < 0) owes_block[slot] = owed;
  return event;
}

void SimDevice::Impl::draw_faults(Event& event, Time at) {
  const DeviceFaults& faults = options.faults;
  if (prng.chance(faults.slow)) {
    event.at.ns += static_cast<std::int64_t>(prng.below(static_cast<std::uint64_t>(kSlowMax.ns)));
  }
  if (prng.chance(faults.hang)) event.at = event.at + kHang;
  if (prng.chance(faults.transient)) {
    constexpr std::int32_t kTransient[] = {-EAGAIN, -EINTR, -ECANCELED};
    event.result = kTransient[prng.below(3)];
  }
  if (prng.chance(faults.read_error)) event.result = -EIO;
  event.flip = prng.chance(faults.flip);
  event.twice = prng.chance(faults.duplicate);
  if (prng.chance(faults.misdirect)) {
    const std::uint64_t distance = (1 + prng.below(16)) * kReadAlignment;
    const bool back = prng.chance(0.5) && event.raw.at >= distance;
    event.source_at = back ? event.raw.at - distance : event.raw.at + distance;
  }
  if (prng.chance(faults.stale)) {
    // Comes while the read of the same slot is under way, with the generation before it.
    Event stale = event;
    stale.kind = EventKind::stale;
    stale.order = order++;
    stale.raw.user_data -= std::uint64_t{1} << 32;
    stale.result = static_cast<std::int32_t>(event.raw.size);
    const auto span = static_cast<std::uint64_t>((event.at - at).ns);
    stale.at = at + Duration{static_cast<std::int64_t>(prng.below(span + 1))};
    push(stale);
  }
}

// The transfers of all reads share one pipe in order of submission; a read is done when its turn in
// the pipe is over, and not before its own latency and transfer are.
Time SimDevice::Impl::draw_end(const RawRead& raw, Time at) {
  const auto lane = std::min_element(lanes.begin(), lanes.end());
  const Time begin = std::max(at, *lane);
  Duration latency = draw_latency();
  if (raw.file == last_file && raw.at == last_end) {
    latency.ns =
        static_cast<std::int64_t>(static_cast<double>(latency.ns) * options.model.adjacent_latency);
  }
  last_file = raw.file;
  last_end = raw.at + raw.size;
  const auto transfer =
      Duration::from_seconds(static_cast<double>(raw.size) / options.model.bytes_per_second);
  pipe_free = std::max(pipe_free, begin) + transfer;
  const Time end = std::max(pipe_free, begin + latency + transfer);
  *lane = end;
  return end;
}

// Log-normal by the method of Box and Muller (1958). Rounded to whole nanoseconds at once, so that
// the last bit of a machine's `exp` does not reach the simulation.
Duration SimDevice::Impl::draw_latency() {
  const double radius = std::sqrt(-2 * std::log(1 - prng.unit()));
  const double normal = radius * std::cos(6.283185307179586 * prng.unit());
  const double ns = static_cast<double>(options.model.latency_p50.ns) * std::exp(sigma * normal);
  return {static_cast<std::int64_t>(std::llround(ns))};
}

void SimDevice::Impl::handle(const Event& event) {
  std::int32_t result = event.result;
  if (event.kind == EventKind::read) {
    open_to_program(event.raw.into, event.raw.size);
    if (result > 0) result = move_bytes(event);
    if (event.twice) {
      Event second = event;
      second.kind = EventKind::again;
      second.order = order++;
      second.result = result;
      second.at.ns += static_cast<std::int64_t>(
          prng.below(static_cast<std::uint64_t>(kSecondCompletionMax.ns)));
      push(second);
    }
  }
  queue.complete({.user_data = event.raw.user_data, .result = result}, event.at);
}

std::int32_t SimDevice::Impl::move_bytes(const Event& event) {
  const SimFile& file = files[event.raw.file.value];
  NF_ASSERT(file.open);
  const std::span<std::byte> into{event.raw.into, static_cast<std::size_t>(event.result)};
  std::int32_t count = copy_bytes(file, event.source_at, into);
  // A wrong place past the end of the file would give the wrong size.
  if (event.source_at != event.raw.at && count < event.result) {
    count = copy_bytes(file, event.raw.at, into);
  }
  if (count > 0 && event.flip) {
    const std::uint64_t bit = prng.below(static_cast<std::uint64_t>(count) * 8);
    event.raw.into[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  }
  return count;
}

void SimDevice::Impl::push(const Event& event) {
  events.push_back(event);
  std::push_heap(events.begin(), events.end(), EventLater{});
}

Event SimDevice::Impl::pop() {
  std::pop_heap(events.begin(), events.end(), EventLater{});
  const Event event = events.back();
  events.pop_back();
  return event;
}

// When the simulated kernel does something next.
Time SimDevice::Impl::next_due() const {
  const Time next = events.empty() ? Time::never() : events.front().at;
  return queue.waiting() > 0 ? std::min(next, refused_until) : next;
}

SimDevice::SimDevice(const SimDeviceOptions& options) : impl_(std::make_unique<Impl>(options)) {
  set_faults(options.faults);
}

SimDevice::~SimDevice() {
  for (const Event& event : impl_->events) {
    if (event.kind == EventKind::read) open_to_program(event.raw.into, event.raw.size);
  }
}

FileHandle SimDevice::add_memory_file(std::span<const std::byte> content) {
  NF_ASSERT(impl_->memory_files.size() < kFilesMax);
  impl_->memory_files.push_back(content);
  return {.buffered = kMemoryHandleTop - static_cast<int>(impl_->memory_files.size() - 1)};
}

void SimDevice::set_faults(const DeviceFaults& faults) {
  impl_->options.faults = faults;
  const double sum = faults.read_error + faults.short_read + faults.transient + faults.slow +
                     faults.hang + faults.flip + faults.misdirect + faults.duplicate +
                     faults.stale + faults.refuse;
  impl_->faulty = sum > 0;
}

bool SimDevice::kernel_owns(const std::byte* begin, const std::byte* end) const {
  for (const Event& event : impl_->events) {
    if (event.kind != EventKind::read) continue;
    if (event.raw.into < end && begin < event.raw.into + event.raw.size) return true;
  }
  return false;
}

Time SimDevice::next_event() const {
  return impl_->queue.done() > 0 ? impl_->now : impl_->next_due();
}

DeviceLimits SimDevice::limits() const {
  return {.alignment = {kReadAlignment},
          .read_size_max = impl_->options.read_size_max,
          .in_flight_max = impl_->options.in_flight_max,
          .reads_max = impl_->options.reads_max};
}

DeviceStats SimDevice::stats() const {
  return impl_->queue.stats();
}

Result<FileId> SimDevice::add_file(FileHandle file) {
  SimFile opened;
  opened.open = true;
  if (file.buffered <= kMemoryHandleTop) {
    const auto index = static_cast<std::size_t>(kMemoryHandleTop - file.buffered);
    if (index >= impl_->memory_files.size()) return Error{.code = ErrorCode::invalid_argument};
    opened.in_memory = true;
    opened.content = impl_->memory_files[index];
  } else {
    opened.descriptor = file.buffered >= 0 ? file.buffered : file.direct;
    if (opened.descriptor < 0) return Error{.code = ErrorCode::invalid_argument};
  }
  for (std::uint32_t i = 0; i < kFilesMax; ++i) {
    if (impl_->files[i].open) continue;
    impl_->files[i] = opened;
    return FileId{i};
  }
  return Error{.code = ErrorCode::limit_exceeded};
}

void SimDevice::remove_file(FileId file) {
  NF_ASSERT(file.value < kFilesMax && impl_->files[file.value].open);
  impl_->files[file.value] = {};
}

std::size_t SimDevice::submit(std::span<const Read> reads, Time now) {
  impl_->now = std::max(impl_->now, now);
  std::size_t taken = 0;
  while (taken < reads.size() && impl_->queue.room()) {
    assert_read_allowed(reads[taken], limits());
    NF_ASSERT(impl_->files[reads[taken].file.value].open);
    if (!impl_->queue.add(reads[taken])) break;
    ++taken;
  }
  impl_->start_reads(impl_->now);
  return taken;
}

void SimDevice::cancel(ReadTag tag) {
  impl_->queue.cancel(tag);
}

std::span<const ReadDone> SimDevice::reap(Time now) {
  Impl& impl = *impl_;
  impl.now = std::max(impl.now, now);
  // Everything up to now in its order: the simulated kernel did not wait for the owner to look.
  for (;;) {
    const Time next = impl.next_due();
    if (next > impl.now || next == Time::never()) break;
    if (!impl.events.empty() && impl.events.front().at <= next) impl.handle(impl.pop());
    impl.start_reads(next);
  }
  const std::size_t count = impl.queue.take_done(impl.done);
  for (std::size_t i = 0; i < count; ++i) {
    if (impl.done[i].error.code == ErrorCode::canceled) impl.done[i].finished_at = impl.now;
  }
  return {impl.done.data(), count};
}

void SimDevice::reschedule(ReadTag tag, Time deadline) {
  impl_->queue.reorder(
      [&](const Read& read) { return read.tag == tag ? deadline : read.deadline; });
}

void SimDevice::wait(Duration) {}
void SimDevice::wake() {}

}  // namespace nf
