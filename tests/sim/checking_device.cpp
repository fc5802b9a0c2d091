#include "tests/sim/checking_device.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nf::sim {

// A read that was interrupted or cut waits a second time, and when it does so cannot be seen.
CheckingDevice::CheckingDevice(const SimDeviceOptions& options, SimJobs& jobs, Bytes per_second_max)
    : sim_(options),
      jobs_(jobs),
      starts_visible_(options.faults.transient == 0 && options.faults.short_read == 0),
      per_second_max_(per_second_max) {
  lent_.reserve(options.reads_max);
}

CheckingDevice::Lent* CheckingDevice::find(ReadTag tag) {
  const auto found = std::find_if(lent_.begin(), lent_.end(),
                                  [&](const Lent& lent) { return lent.read.tag == tag; });
  return found == lent_.end() ? nullptr : &*found;
}

bool CheckingDevice::waits(const Lent& lent) const {
  const std::byte* begin = lent.read.into.data();
  return !lent.canceled && !sim_.kernel_owns(begin, begin + lent.read.into.size());
}

std::vector<Read> CheckingDevice::take_submitted() {
  return std::exchange(submitted_, {});
}

CheckingDevice::Traffic CheckingDevice::take_traffic() {
  return std::exchange(traffic_, {});
}

FileHandle CheckingDevice::add_memory_file(std::span<const std::byte> content) {
  const FileHandle handle = sim_.add_memory_file(content);
  contents_[handle.buffered] = content;
  return handle;
}

// As the disk's faults would have it if there were none; where the file ends, fewer are right.
bool CheckingDevice::is_right(const ReadDone& done, const Read& read) const {
  if (done.error || done.bytes_read.value > read.into.size()) return false;
  const std::span<const std::byte> content = of_files_.at(read.file.value);
  if (read.at.value > content.size()) return false;
  const std::span<const std::byte> rest = content.subspan(read.at.value);
  const std::size_t size = std::min(rest.size(), read.into.size());
  return done.bytes_read.value >= size && std::memcmp(rest.data(), read.into.data(), size) == 0;
}

Duration CheckingDevice::catch_up() {
  ahead_ = ahead_ - waited_;
  return std::exchange(waited_, {});
}

Result<FileId> CheckingDevice::add_file(FileHandle file) {
  Result<FileId> added = sim_.add_file(file);
  if (added) {
    file_added_last_ = *added;
    of_files_[added->value] = contents_.at(file.buffered);
  }
  return added;
}

std::size_t CheckingDevice::submit(std::span<const Read> reads, Time now) {
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const std::byte* begin = reads[i].into.data();
    expect(!sim_.kernel_owns(begin, begin + reads[i].into.size()),
           "a buffer was reused while the kernel owned it");
    expect(i == 0 || reads[i - 1].deadline <= reads[i].deadline,
           "what is needed later was handed over first");
  }
  now_ = std::max(now_, now + ahead_);
  const std::size_t taken = sim_.submit(reads, now_);
  for (const Read& read : reads.first(taken)) {
    expect(find(read.tag) == nullptr, "two reads that are out have one tag");
    lent_.push_back({.read = read});
    submitted_.push_back(read);
    traffic_.accepted.push_back(read);
    watch_rate(Bytes{read.into.size()}, now);
  }
  // How many bytes the kernel holds is ReadQueue's promise and tested with it.
  expect(lent_.size() <= sim_.limits().reads_max, "more reads were accepted than the limit allows");
  watch_starts({INT64_MIN});
  return taken;
}

void CheckingDevice::cancel(ReadTag tag) {
  if (Lent* lent = find(tag)) lent->canceled = true;
  sim_.cancel(tag);
}

// A Device takes any tag. The runtime knows what is out and has no reason to name another.
void CheckingDevice::reschedule(ReadTag tag, Time deadline) {
  Lent* lent = find(tag);
  expect(lent != nullptr && !lent->canceled, "a read was rescheduled that is not out");
  if (lent != nullptr) lent->read.deadline = deadline;
  sim_.reschedule(tag, deadline);
}

std::span<const ReadDone> CheckingDevice::reap(Time now) {
  now_ = std::max(now_, now + ahead_);
  const std::span<const ReadDone> all = sim_.reap(now_);
  Time latest_started{INT64_MIN};
  for (const ReadDone& done : all) {
    Lent* lent = find(done.tag);
    expect(lent != nullptr, "a read came back twice");
    if (lent == nullptr) continue;
    if (!lent->started && done.error.code != ErrorCode::canceled)
      latest_started = std::max(latest_started, lent->read.deadline);
    const bool withdrawn = done.error.code == ErrorCode::canceled;
    traffic_.came.push_back({.read = lent->read,
                             .good = withdrawn || is_right(done, lent->read),
                             .canceled = lent->canceled});
    *lent = lent_.back();
    lent_.pop_back();
  }
  watch_starts(latest_started);
  return all;
}

void CheckingDevice::wait(Duration timeout) {
  jobs_.run_all();
  const Time next = std::min(sim_.next_event(), now_ + timeout);
  waited_ = std::max(Duration{}, next - now_);
  ahead_ = ahead_ + waited_;
  now_ = now_ + waited_;
}

// At most a quarter of a second's worth is saved up, and one read may go beyond.
void CheckingDevice::watch_rate(Bytes size, Time now) {
  if (per_second_max_.value == ~0ull) return;
  const auto rate = static_cast<double>(per_second_max_.value);
  unpaid_ = std::max(0.0, unpaid_ - rate * (now - std::exchange(paid_at_, now)).seconds());
  expect(unpaid_ <= rate / 4, "more was read in a second than is allowed");
  unpaid_ += static_cast<double>(size.value);
}

// What began in one call was not needed later than what waited all through it.
void CheckingDevice::watch_starts(Time latest_started) {
  if (!starts_visible_) return;
  Time earliest_waiting = Time::never();
  for (Lent& lent : lent_) {
    if (lent.started || lent.canceled) continue;
    lent.started = !waits(lent);
    Time& seen = lent.started ? latest_started : earliest_waiting;
    seen = lent.started ? std::max(seen, lent.read.deadline) : std::min(seen, lent.read.deadline);
  }
  expect(latest_started <= earliest_waiting, "a read began before one that is needed sooner");
}

}  // namespace nf::sim
