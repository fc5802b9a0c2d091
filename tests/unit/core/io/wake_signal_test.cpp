#include "core/io/wake_signal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace nf {
namespace {

using namespace literals;

TEST(WakeSignal, does_not_sleep_on_an_old_ticket) {
  WakeSignal signal;
  const std::uint32_t ticket = signal.ticket();
  signal.notify_one();
  signal.wait(ticket);  // would never return
  signal.wait(signal.ticket(), 0_ns);
  signal.wait(signal.ticket(), 1_ms);
}

TEST(WakeSignal, loses_no_wake_up_between_two_threads) {
  WakeSignal ping;
  WakeSignal pong;
  std::atomic<int> sent{0};
  std::atomic<int> answered{0};
  constexpr int kRounds = 20000;
  const auto wait_for = [](WakeSignal& signal, std::atomic<int>& value, int wanted) {
    for (;;) {
      const std::uint32_t ticket = signal.ticket();
      if (value.load() >= wanted) return;
      signal.wait(ticket);
    }
  };
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      wait_for(ping, sent, i);
      answered.store(i);
      pong.notify_one();
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    sent.store(i);
    ping.notify_one();
    wait_for(pong, answered, i);
  }
  other.join();
  EXPECT_EQ(answered.load(), kRounds);
}

TEST(WakeSignal, notify_all_wakes_everybody) {
  WakeSignal signal;
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const std::uint32_t ticket = signal.ticket();
        if (go.load()) return;
        signal.wait(ticket);
      }
    });
  }
  go.store(true);
  signal.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace nf
