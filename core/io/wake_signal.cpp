#include "core/io/wake_signal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace nf {

void WakeSignal::notify(int count) {
  value_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
  ::syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void WakeSignal::wait_on(std::uint32_t ticket, const Duration* timeout) {
  timespec time{};
  if (timeout != nullptr) {
    if (timeout->ns <= 0) return;
    time.tv_sec = static_cast<time_t>(timeout->ns / 1'000'000'000);
    time.tv_nsec = static_cast<long>(timeout->ns % 1'000'000'000);
  }
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  ::syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, ticket, timeout != nullptr ? &time : nullptr,
            nullptr, 0);
  sleepers_.fetch_sub(1, std::memory_order_seq_cst);
}

}  // namespace nf
