// RingLoop: reads whole spans of one file, several in flight, each in parts that share a short
// window. No retries, no order but that of asking, no second thread.
//
// One owner. Memory is the caller's and may be overwritten when `visit` has returned. Throws
// BenchError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace nf::bench {

struct RingSpan {  // of pages
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

struct RingReads {
  std::span<const std::uint32_t> order;
  std::function<RingSpan(std::uint32_t container)> span_of;
  std::span<const std::span<std::byte>> scratch;  // one for each container in flight
  std::function<void(std::uint32_t container, std::span<const std::byte> bytes)> visit;
  std::span<double> latencies_us;  // parallel to order, or empty
};

class RingLoop {
 public:
  static void require();  // throws if there can be no ring
  explicit RingLoop(int file);
  ~RingLoop();
  RingLoop(const RingLoop&) = delete;
  RingLoop& operator=(const RingLoop&) = delete;

  void read_all(const RingReads& reads);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nf::bench
