// What a Device is measured against: the shortest loop that keeps a plain ring busy. No order, no
// retries, no second thread; whoever reads faster than this on the same file is measuring wrong.
//
// One thread. The destructor waits for nothing: every call waits for all of its reads.
#pragma once

#include <memory>
#include <span>

#include "bench/disk/read_work.h"

namespace nf::bench {

class PlainLoop {
 public:
  // Null if the ring cannot be made.
  static std::unique_ptr<PlainLoop> open();
  // The same with the memory of all its work registered beforehand. Null, and the reason in
  // `os_error`, if the kernel does not take it (locked memory has a limit).
  static std::unique_ptr<PlainLoop> open_registered(std::span<std::byte> memory, int& os_error);
  ~PlainLoop();
  ReadSample read(const ReadWork& work);

 private:
  struct Ring;
  explicit PlainLoop(std::unique_ptr<Ring> ring);
  static std::unique_ptr<PlainLoop> open(int& os_error);
  std::unique_ptr<Ring> ring_;
};

}  // namespace nf::bench
