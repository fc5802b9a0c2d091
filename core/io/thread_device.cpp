// The pool of threads that call pread: works on every kernel and in every sandbox. With direct
// reads of 1 MiB it is nearly as quick as the ring (bench/disk).
//
// The ReadQueue lives under the pool's mutex, which the workers share and the owner never takes.
#include <pthread.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "core/io/device_link.h"
#include "core/io/devices.h"
#include "core/io/driver_thread.h"
#include "core/io/plain_read.h"

namespace nf {
namespace {

constexpr std::uint32_t kThreadsMax = 64;

class ThreadDevice final : public Device {
 public:
  explicit ThreadDevice(const DeviceOptions& options);
  ~ThreadDevice() override;

  Result<void> start_threads(std::uint32_t count);

  const char* name() const override { return "threads"; }
  DeviceLimits limits() const override { return link_.limits(); }
  DeviceStats stats() const override { return link_.stats(); }
  Result<FileId> add_file(FileHandle file) override { return link_.add_file(file); }
  void remove_file(FileId file) override { link_.remove_file(file); }
  std::size_t submit(std::span<const Read> reads, Time now) override;
  void cancel(ReadTag tag) override;
  std::span<const ReadDone> reap(Time now) override { return link_.reap(now); }
  void reschedule(ReadTag tag, Time deadline) override { link_.reschedule(tag, deadline); }
  void wait(Duration timeout) override { link_.wait(timeout); }
  void wake() override { link_.wake(); }

 private:
  struct Pool {
    explicit Pool(const ReadQueueOptions& options) : queue(options) {}
    std::mutex mutex;
    ReadQueue queue;
  };
  struct Turn {
    bool started = false;
    bool more_wait = false;
    bool results = false;
    RawRead raw;
    FileHandle file;
  };

  static void* run(void* device);
  void work();
  Turn take_turn(const RawCompletion* completion);

  DeviceLink link_;
  Pool pool_;
  WakeSignal work_there_;
  std::atomic<bool> stopping_{false};
  std::vector<pthread_t> threads_;
};

ThreadDevice::ThreadDevice(const DeviceOptions& options)
    : link_({.alignment = {kReadAlignment},
             .read_size_max = options.read_size_max,
             .in_flight_max = options.in_flight_max,
             .reads_max = options.reads_max}),
      pool_({.reads_max = options.reads_max,
             .in_flight_max = options.in_flight_max,
             .operations_max = kThreadsMax}) {}

ThreadDevice::~ThreadDevice() {
  stopping_.store(true);
  work_there_.notify_all();
  for (const pthread_t thread : threads_) ::pthread_join(thread, nullptr);
}

Result<void> ThreadDevice::start_threads(std::uint32_t count) {
  threads_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    pthread_t thread{};
    if (const int error = start_driver_thread(thread, "nf-read", run, this); error != 0) {
      // Fewer threads than asked for still read.
      if (i > 0) break;
      return Error{.code = ErrorCode::limit_exceeded, .os_error = static_cast<std::uint8_t>(error)};
    }
    threads_.push_back(thread);
  }
  return {};
}

std::size_t ThreadDevice::submit(std::span<const Read> reads, Time now) {
  const std::size_t taken = link_.submit(reads, now);
  // One is enough: a worker that starts a read wakes the next if more reads wait.
  if (taken > 0) work_there_.notify_one();
  return taken;
}

void ThreadDevice::cancel(ReadTag tag) {
  if (link_.cancel(tag)) work_there_.notify_one();
}

void* ThreadDevice::run(void* device) {
  static_cast<ThreadDevice*>(device)->work();
  return nullptr;
}

void ThreadDevice::work() {
  RawCompletion completion;
  bool completed = false;
  for (;;) {
    const std::uint32_t ticket = work_there_.ticket();
    const Turn turn = take_turn(completed ? &completion : nullptr);
    if (turn.results) link_.notify_owner();
    if (turn.started) {
      if (turn.more_wait) work_there_.notify_one();
      completion = read_now(turn.raw, turn.file);
      completed = true;
      continue;
    }
    completed = false;
    if (stopping_.load()) return;
    work_there_.wait(ticket);
  }
}

ThreadDevice::Turn ThreadDevice::take_turn(const RawCompletion* completion) {
  Turn turn;
  const std::lock_guard lock(pool_.mutex);
  link_.receive(pool_.queue);
  if (completion != nullptr) pool_.queue.complete(*completion, DeviceLink::steady_now());
  turn.results = link_.publish(pool_.queue);
  turn.started = !stopping_.load() && pool_.queue.start(turn.raw);
  if (turn.started) {
    turn.file = link_.file(turn.raw.file);
    turn.more_wait = pool_.queue.waiting() > 0;
  }
  return turn;
}

}  // namespace

Result<std::unique_ptr<Device>> open_thread_device(const DeviceOptions& options) {
  if (options.threads == 0 || options.threads > kThreadsMax || options.reads_max == 0) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  auto device = std::make_unique<ThreadDevice>(options);
  if (Result<void> started = device->start_threads(options.threads); !started) {
    return started.error();
  }
  return std::unique_ptr<Device>(std::move(device));
}

}  // namespace nf
