#include "bench/disk/device_loop.h"

#include <algorithm>
#include <chrono>

#include "bench/suite/clocks.h"

namespace nf::bench {
namespace {

Time now_of_device() {
  return {std::chrono::steady_clock::now().time_since_epoch().count()};
}

constexpr Duration kPatience{1'000'000'000};

class Run {
 public:
  Run(Device& device, const ReadWork& work)
      : device_(device),
        work_(work),
        order_(work.seed),
        at_(work.places),
        started_at_(work.places) {
    for (std::size_t place = work.places; place > 0; --place) free_.push_back(place - 1);
    reads_.reserve(work.places);
  }

  void submit(FileId file, double now) {
    reads_.clear();
    while (!free_.empty() && started_ < work_.reads_max) {
      const std::size_t place = free_.back();
      free_.pop_back();
      at_[place] = order_.below(work_.file_size.value / work_.block) * work_.block;
      started_at_[place] = now;
      reads_.push_back({.file = file,
                        .at = {at_[place]},
                        .into = work_.memory.subspan(place * work_.block, work_.block),
                        .tag = {place},
                        .deadline = {static_cast<std::int64_t>(started_++)}});
    }
    const std::size_t taken = device_.submit(reads_, now_of_device());
    for (std::size_t i = taken; i < reads_.size(); ++i) {
      free_.push_back(reads_[i].tag.value);
      --started_;
    }
  }

  void reap() {
    device_.wait(kPatience);
    const double now = wall_seconds();
    for (const ReadDone& done : device_.reap(now_of_device())) {
      const std::size_t place = done.tag.value;
      if (done.error || done.bytes_read.value != work_.block) ++sample_.failed;
      if (work_.times) sample_.latencies_us.push_back((now - started_at_[place]) * 1e6);
      const auto bytes = work_.memory.subspan(place * work_.block, work_.block);
      if (work_.compares && !content_is_right(at_[place], bytes)) ++sample_.wrong;
      free_.push_back(place);
      ++sample_.reads;
    }
  }

  ReadSample run() {
    const FileId file = *device_.add_file(work_.file);
    const double begin = wall_seconds();
    const double cpu_begin = process_seconds();
    for (double now = begin;; now = wall_seconds()) {
      if (now - begin < work_.seconds) submit(file, now);
      if (started_ == sample_.reads) break;
      reap();
    }
    sample_.seconds = wall_seconds() - begin;
    sample_.cpu_seconds = process_seconds() - cpu_begin;
    device_.remove_file(file);
    return std::move(sample_);
  }

 private:
  Device& device_;
  const ReadWork& work_;
  Prng order_;
  std::vector<std::size_t> free_;
  std::vector<std::uint64_t> at_;
  std::vector<double> started_at_;
  std::vector<Read> reads_;
  std::uint64_t started_ = 0;
  ReadSample sample_;
};

constexpr std::uint64_t kUrgentTag = ~0ull;

class UrgentRun {
 public:
  UrgentRun(Device& device, const UrgentWork& work)
      : device_(device), work_(work), order_(work.seed) {
    for (std::size_t i = 0; i < work.background_reads; ++i) free_.push_back(i);
  }

  ReadSample run() {
    const FileId file = *device_.add_file(work_.file);
    const double begin = wall_seconds();
    double next = begin;
    for (double now = begin; now - begin < work_.seconds; now = wall_seconds()) {
      submit_background(file);
      if (!waiting_ && now >= next) submit_urgent(file, now);
      device_.wait(Duration::from_seconds(work_.pause_seconds / 4));
      if (reap()) next = wall_seconds() + work_.pause_seconds;
    }
    while (outstanding_ > 0) {
      device_.wait(kPatience);
      reap();
    }
    sample_.seconds = wall_seconds() - begin;
    device_.remove_file(file);
    return std::move(sample_);
  }

 private:
  void submit(const Read& read) {
    if (device_.submit({&read, 1}, now_of_device()) == 1) {
      ++outstanding_;
    } else {
      ++sample_.failed;
    }
  }
  std::uint64_t place_of(std::size_t block) {
    return order_.below(work_.file_size.value / block) * block;
  }
  void submit_background(FileId file) {
    for (; !free_.empty(); free_.pop_back()) {
      const std::size_t into = work_.urgent_block + free_.back() * work_.background_block;
      submit({.file = file,
              .at = {place_of(work_.background_block)},
              .into = work_.memory.subspan(into, work_.background_block),
              .tag = {free_.back()},
              .deadline = Time::never()});
    }
  }
  void submit_urgent(FileId file, double now) {
    submit({.file = file,
            .at = {place_of(work_.urgent_block)},
            .into = work_.memory.first(work_.urgent_block),
            .tag = {kUrgentTag},
            .deadline = {0}});
    waiting_ = true;
    started_at_ = now;
  }
  // True if the urgent read came back.
  bool reap() {
    bool came = false;
    for (const ReadDone& done : device_.reap(now_of_device())) {
      --outstanding_;
      if (done.error) ++sample_.failed;
      if (done.tag.value != kUrgentTag) {
        free_.push_back(done.tag.value);
        continue;
      }
      came = true;
      waiting_ = false;
      ++sample_.reads;
      sample_.latencies_us.push_back((wall_seconds() - started_at_) * 1e6);
    }
    return came;
  }

  Device& device_;
  const UrgentWork& work_;
  Prng order_;
  std::vector<std::size_t> free_;
  std::size_t outstanding_ = 0;
  bool waiting_ = false;
  double started_at_ = 0;
  ReadSample sample_;
};

}  // namespace

ReadSample read_with_device(Device& device, const ReadWork& work) {
  return Run(device, work).run();
}

ReadSample read_urgently(Device& device, const UrgentWork& work) {
  return UrgentRun(device, work).run();
}

}  // namespace nf::bench
