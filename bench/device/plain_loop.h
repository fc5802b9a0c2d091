// What a Device is measured against: the shortest loop that keeps a plain ring busy. No order, no
// retries, no second thread; whoever reads faster than this on the same file is measuring wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace nf::bench {

struct PlainReads {
  int file = -1;
  std::span<const std::uint64_t> offsets;
  std::size_t block = 0;
  std::size_t depth = 0;
  std::span<std::byte> memory;  // at least `depth` blocks; all are used in turn
};

class PlainLoop {
 public:
  // Null if the ring cannot be made.
  static std::unique_ptr<PlainLoop> open();
  ~PlainLoop();
  // False if a read failed or was short.
  bool read_all(const PlainReads& reads);

 private:
  struct Ring;
  explicit PlainLoop(std::unique_ptr<Ring> ring);
  std::unique_ptr<Ring> ring_;
};

}  // namespace nf::bench
