// The ring: one thread owns it from its first to its last system call, and lives as long as the
// Device, because a thread that submitted reads and exits is held by the kernel until they end.
//
// The owner never calls into the ring. It leaves messages in the link's inbox and writes to an
// eventfd, which the ring watches, only when the thread sleeps and could start something: where the
// window is full, the next completion wakes it anyway. At most `kOperationsMax` reads and the watch
// are in the ring, which is less than its completion queue holds: it cannot overflow.
#include <liburing.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <vector>

#include "core/base/checked.h"
#include "core/io/device_link.h"
#include "core/io/devices.h"
#include "core/io/driver_thread.h"
#include "core/io/in_flight_memory.h"
#include "core/io/plain_read.h"

namespace nf {
namespace {

constexpr std::uint32_t kOperationsMax = 64;
constexpr unsigned kRingEntries = 2 * kOperationsMax;
constexpr std::uint64_t kWakeUp = ~0ull;  // user_data of the watch; no slot has this index
constexpr std::int64_t kProbeSeconds = 2;
constexpr int kOpening = -1;
constexpr std::uint64_t kRegisteredMax = 1ull << 30;  // the kernel's own limit for one piece
constexpr std::uint64_t kRegisteredMin = 64 << 10;    // of what is refused, no smaller part
constexpr std::uint64_t kHugePage = 2 << 20;          // of which a part counts as the whole

// A failed look is no privilege.
bool may_lock_without_limit() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  return (data[0].effective >> CAP_IPC_LOCK & 1) != 0;
}

// What one program may take of what all rings of this user may lock together: half.
std::uint64_t locked_share() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return ~0ull;
  if (may_lock_without_limit()) return ~0ull;
  const std::uint64_t half = limit.rlim_cur / 2;
  return align_down(half, half >= kHugePage ? kHugePage : kReadAlignment);
}

class UringDevice final : public Device {
 public:
  explicit UringDevice(const DeviceOptions& options);
  ~UringDevice() override;

  Result<void> open();

  const char* name() const override { return "io_uring"; }
  DeviceLimits limits() const override { return link_.limits(); }
  DeviceStats stats() const override;
  Result<FileId> add_file(FileHandle file) override { return link_.add_file(file); }
  void remove_file(FileId file) override { link_.remove_file(file); }
  Bytes register_memory(std::span<std::byte> memory) override;
  std::size_t submit(std::span<const Read> reads, Time now) override;
  void cancel(ReadTag tag) override;
  std::span<const ReadDone> reap(Time now) override { return link_.reap(now); }
  void reschedule(ReadTag tag, Time deadline) override { link_.reschedule(tag, deadline); }
  void wait(Duration timeout) override { link_.wait(timeout); }
  void wake() override { link_.wake(); }

 private:
  struct Operation {  // with the ring, by slot
    RawRead raw;
    bool direct = false;
  };

  enum class Registration : std::uint8_t { none, asked, answered };

  static void* run(void* device);
  bool could_start_one(std::span<const Read> reads) const;
  void wake_thread();

  // The ring's thread only.
  int open_ring();
  int probe_ring();
  void answer_registration();
  std::uint64_t register_first(std::uint64_t size);
  bool is_registered(const RawRead& raw) const;
  void drive();
  bool start_reads();
  void prepare(const RawRead& raw, bool direct);
  void watch_wake_ups();
  void hand_over();
  int sleep_in_ring();
  void handle_completions();
  void handle(std::uint64_t user_data, std::int32_t result);
  void leave_ring();
  void read_without_ring(const RawRead& raw);

  DeviceLink link_;
  ReadQueue queue_;
  std::vector<Operation> operations_;
  io_uring ring_{};
  std::uint64_t wake_ups_ = 0;  // where the kernel puts the counter of the eventfd
  bool watching_ = false;
  bool ring_lost_ = false;  // the kernel took back its permission after the ring was open
  std::span<std::byte> registered_;
  std::atomic<std::uint64_t> registered_reads_{0};

  int event_fd_ = -1;
  pthread_t thread_{};
  bool thread_started_ = false;
  std::atomic<std::uint32_t> sleeping_{0};  // 1 while the thread sleeps, or is about to
  // What the window had left when it went to sleep; stored before `sleeping_`.
  std::atomic<std::uint64_t> room_{0};
  std::atomic<std::int64_t> first_waiting_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> refusal_{kOpening};  // then 0, or the errno
  WakeSignal opened_;
  // The one that the owner waits for; the ring lets no other thread register.
  std::span<std::byte> to_register_;
  std::atomic<Registration> registration_{Registration::none};
  WakeSignal registered_signal_;
};

UringDevice::UringDevice(const DeviceOptions& options)
    : link_({.alignment = {kReadAlignment},
             .read_size_max = options.read_size_max,
             .in_flight_max = options.in_flight_max,
             .reads_max = options.reads_max}),
      queue_({.reads_max = options.reads_max,
              .in_flight_max = options.in_flight_max,
              .operations_max = kOperationsMax}),
      operations_(options.reads_max) {}

UringDevice::~UringDevice() {
  if (thread_started_) {
    stopping_.store(true);
    wake_thread();
    ::pthread_join(thread_, nullptr);
  }
  if (event_fd_ >= 0) ::close(event_fd_);
}

Result<void> UringDevice::open() {
  const auto refused = [](int os_error) {
    return Error{.code = ErrorCode::unsupported, .os_error = static_cast<std::uint8_t>(os_error)};
  };
  // It starts at 1, so that the probe has something to read.
  event_fd_ = ::eventfd(1, EFD_CLOEXEC);
  if (event_fd_ < 0) return refused(errno);
  if (const int error = start_driver_thread(thread_, "nf-ring", run, this); error != 0) {
    return refused(error);
  }
  thread_started_ = true;
  for (;;) {
    const std::uint32_t ticket = opened_.ticket();
    const int refusal = refusal_.load();
    if (refusal == 0) return {};
    if (refusal > 0) return refused(refusal);
    opened_.wait(ticket);
  }
}

DeviceStats UringDevice::stats() const {
  DeviceStats stats = link_.stats();
  stats.registered_reads = registered_reads_.load(std::memory_order_relaxed);
  return stats;
}

Bytes UringDevice::register_memory(std::span<std::byte> memory) {
  NF_ASSERT(registration_.load() == Registration::none);
  to_register_ = memory;
  registration_.store(Registration::asked);
  wake_thread();
  for (;;) {
    const std::uint32_t ticket = registered_signal_.ticket();
    if (registration_.load() == Registration::answered) return {registered_.size()};
    registered_signal_.wait(ticket);
  }
}

std::size_t UringDevice::submit(std::span<const Read> reads, Time now) {
  const std::size_t taken = link_.submit(reads, now);
  // Either this sees that the thread sleeps, and what it left behind, or the thread's own exchange
  // comes later and what it looks for in the inbox is there. A plain load would not do.
  if (taken > 0 && sleeping_.fetch_or(0) != 0 && could_start_one(reads.first(taken)) &&
      sleeping_.exchange(0) != 0) {
    wake_thread();
  }
  return taken;
}

bool UringDevice::could_start_one(std::span<const Read> reads) const {
  const Opening opening{.room = {room_.load()}, .first_waiting = {first_waiting_.load()}};
  return std::any_of(reads.begin(), reads.end(),
                     [&](const Read& read) { return opening.admits(read); });
}

void UringDevice::cancel(ReadTag tag) {
  if (link_.cancel(tag) && sleeping_.exchange(0) != 0) wake_thread();
}

// Does not block: the counter is far from its end.
void UringDevice::wake_thread() {
  const std::uint64_t one = 1;
  while (::write(event_fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void* UringDevice::run(void* device) {
  auto& self = *static_cast<UringDevice*>(device);
  const int refusal = self.open_ring();
  self.refusal_.store(refusal);
  self.opened_.notify_all();
  if (refusal == 0) self.drive();
  return nullptr;
}

// 0, or the errno.
int UringDevice::open_ring() {
  // The ring has one issuer, which need not be interrupted for completions. Kernels before 6.0 do
  // not know the flags.
  int error = -::io_uring_queue_init(kRingEntries, &ring_,
                                     IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN);
  if (error == EINVAL) error = -::io_uring_queue_init(kRingEntries, &ring_, 0);
  if (error != 0) return error;
  error = probe_ring();
  if (error != 0) ::io_uring_queue_exit(&ring_);
  return error;
}

// A ring that opens can still be of no use: a filter may refuse io_uring_enter alone, and a kernel
// older than 5.6 has no such read. One that comes back settles both.
int UringDevice::probe_ring() {
  watch_wake_ups();
  int error = ::io_uring_submit(&ring_);
  if (error < 0) return -error;
  __kernel_timespec timeout{.tv_sec = kProbeSeconds, .tv_nsec = 0};
  io_uring_cqe* completion = nullptr;
  do {
    error = -::io_uring_wait_cqe_timeout(&ring_, &completion, &timeout);
  } while (error == EINTR);
  if (error != 0) return error;
  const std::int32_t result = completion->res;
  ::io_uring_cqe_seen(&ring_, completion);
  watching_ = false;
  if (result < 0) return -result;
  return result == sizeof wake_ups_ ? 0 : EIO;
}

// The kernel then pins the pages once, and not for each read (bench/disk says what that saves).
void UringDevice::answer_registration() {
  if (registration_.load() != Registration::asked) return;
  const std::uint64_t all = std::min<std::uint64_t>(to_register_.size(), kRegisteredMax);
  const std::uint64_t share = std::min(all, locked_share());
  std::uint64_t size = register_first(share);
  for (std::uint64_t part = share / 2; size == 0 && part >= kRegisteredMin; part /= 2) {
    size = register_first(align_down(part, kReadAlignment));
  }
  registered_ = to_register_.first(size);
  registration_.store(Registration::answered);
  registered_signal_.notify_all();
}

// `size`, or 0 if the kernel refuses.
std::uint64_t UringDevice::register_first(std::uint64_t size) {
  if (ring_lost_ || size == 0) return 0;
  const iovec memory{.iov_base = to_register_.data(), .iov_len = size};
  return ::io_uring_register_buffers(&ring_, &memory, 1) == 0 ? size : 0;
}

void UringDevice::drive() {
  for (;;) {
    answer_registration();
    link_.receive(queue_);
    const bool stopping = stopping_.load();
    const bool results = !stopping && start_reads();
    if (queue_.done() > 0) {
      hand_over();
      if (link_.publish(queue_)) link_.notify_owner();
    }
    if (results) continue;
    if (stopping && queue_.with_kernel() == 0 && !watching_) break;
    if (!stopping && !watching_ && !ring_lost_) watch_wake_ups();

    const Opening opening = queue_.opening();
    room_.store(opening.room.value);
    first_waiting_.store(opening.first_waiting.ns);
    sleeping_.exchange(1);
    const bool arrived = link_.receive(queue_) > 0 || stopping_.load() != stopping;
    const int error = arrived ? 0 : sleep_in_ring();
    sleeping_.exchange(0);
    if (error != 0) leave_ring();
    handle_completions();
  }
  // Closing alone would let go of it some time later.
  if (!registered_.empty()) (void)::io_uring_unregister_buffers(&ring_);
  ::io_uring_queue_exit(&ring_);
}

// True if results came of it at once, which only happens without the ring.
bool UringDevice::start_reads() {
  RawRead raw;
  bool results = false;
  while (queue_.start(raw)) {
    if (ring_lost_) {
      read_without_ring(raw);
      results = true;
    } else {
      prepare(raw, link_.file(raw.file).direct >= 0);
    }
  }
  return results;
}

void UringDevice::prepare(const RawRead& raw, bool direct) {
  operations_[static_cast<std::uint32_t>(raw.user_data)] = {.raw = raw, .direct = direct};
  const FileHandle& file = link_.file(raw.file);
  close_to_program(raw.into, raw.size);
  // There is room: twice as many entries as operations, and each pass submits what the last made.
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  NF_ASSERT(entry != nullptr);
  const int from = direct ? file.direct : file.buffered;
  if (is_registered(raw)) {
    ::io_uring_prep_read_fixed(entry, from, raw.into, raw.size, raw.at, 0);
    registered_reads_.fetch_add(1, std::memory_order_relaxed);
  } else {
    ::io_uring_prep_read(entry, from, raw.into, raw.size, raw.at);
  }
  entry->user_data = raw.user_data;
}

bool UringDevice::is_registered(const RawRead& raw) const {
  const auto first = reinterpret_cast<std::uintptr_t>(registered_.data());
  const auto into = reinterpret_cast<std::uintptr_t>(raw.into);
  return into >= first && into - first + raw.size <= registered_.size();
}

void UringDevice::watch_wake_ups() {
  io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
  NF_ASSERT(entry != nullptr);
  ::io_uring_prep_read(entry, event_fd_, &wake_ups_, sizeof wake_ups_, 0);
  entry->user_data = kWakeUp;
  watching_ = true;
}

// Before the owner is told of results: whoever is woken may take this thread's processor, and the
// disk would wait meanwhile. What goes wrong is said again by `sleep_in_ring`.
void UringDevice::hand_over() {
  if (!ring_lost_ && ::io_uring_sq_ready(&ring_) > 0) (void)::io_uring_submit(&ring_);
}

// Submits what was prepared, sleeps until something completes. 0, or an errno that will not pass.
int UringDevice::sleep_in_ring() {
  // Completions of what a lost ring still has appear in its memory without being asked for.
  const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
  const int error = ring_lost_ ? EBUSY : -::io_uring_submit_and_wait(&ring_, 1);
  if (error <= 0 || error == EINTR) return 0;
  const bool passing = error == EAGAIN || error == EBUSY || error == ENOMEM;
  if (passing) ::nanosleep(&pause, nullptr);
  return passing ? 0 : error;
}

void UringDevice::handle_completions() {
  io_uring_cqe* completion = nullptr;
  while (::io_uring_peek_cqe(&ring_, &completion) == 0 && completion != nullptr) {
    const std::uint64_t user_data = completion->user_data;
    const std::int32_t result = completion->res;
    ::io_uring_cqe_seen(&ring_, completion);
    handle(user_data, result);
  }
}

void UringDevice::handle(std::uint64_t user_data, std::int32_t result) {
  if (user_data == kWakeUp) {
    watching_ = false;
    return;
  }
  const auto index = static_cast<std::uint32_t>(user_data);
  if (index < operations_.size() && operations_[index].raw.user_data == user_data) {
    open_to_program(operations_[index].raw.into, operations_[index].raw.size);
  }
  if (result == -EINVAL && index < operations_.size()) {
    // Some file systems open with O_DIRECT and refuse the read: it goes through the page cache.
    const Operation operation = operations_[index];
    const bool buffered_left = operation.direct && link_.file(operation.raw.file).buffered >= 0;
    if (operation.raw.user_data == user_data && buffered_left && !ring_lost_) {
      prepare(operation.raw, false);
      return;
    }
  }
  queue_.complete({.user_data = user_data, .result = result}, DeviceLink::steady_now());
}

// The program was locked down after the ring was open. What the kernel has not taken is read
// without the ring, as is everything from now on; what it has taken still comes back through it.
void UringDevice::leave_ring() {
  ring_lost_ = true;
  for (unsigned at = *ring_.sq.khead; at != ring_.sq.sqe_tail; ++at) {
    const std::uint64_t user_data = ring_.sq.sqes[at & ring_.sq.ring_mask].user_data;
    if (user_data == kWakeUp) {
      watching_ = false;
    } else {
      read_without_ring(operations_[static_cast<std::uint32_t>(user_data)].raw);
    }
  }
}

void UringDevice::read_without_ring(const RawRead& raw) {
  open_to_program(raw.into, raw.size);
  queue_.complete(read_now(raw, link_.file(raw.file)), DeviceLink::steady_now());
}

}  // namespace

Result<std::unique_ptr<Device>> open_uring_device(const DeviceOptions& options) {
  if (options.reads_max == 0) return Error{.code = ErrorCode::invalid_argument};
  auto device = std::make_unique<UringDevice>(options);
  if (Result<void> opened = device->open(); !opened) return opened.error();
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace nf
