// Workers: numbered pieces of work on several threads, until all are done or somebody asks to stop.
//
// One owner, who works along. What a piece of work throws is thrown again to the owner.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nf::predict {

class Workers {
 public:
  using Work = std::function<void(std::size_t)>;

  // `goes_on` is asked before each piece, by one thread at a time.
  Workers(unsigned threads, std::function<bool()> goes_on)
      : threads_(threads), goes_on_(std::move(goes_on)) {}

  // False: stopped before all was done.
  bool run(std::size_t count, const Work& work) {
    next_ = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < threads_ && i < count; ++i) {
      threads.emplace_back([&] { serve(count, work); });
    }
    serve(count, work);
    for (std::thread& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    return !stopped_;
  }

 private:
  void serve(std::size_t count, const Work& work) {
    try {
      for (std::size_t i = next_++; i < count; i = next_++) {
        if (!may_go_on()) return;
        work(i);
      }
    } catch (...) {
      const std::scoped_lock lock(asking_);
      if (!failure_) failure_ = std::current_exception();
      stopped_ = true;
    }
  }
  bool may_go_on() {
    const std::scoped_lock lock(asking_);
    if (!stopped_ && !goes_on_()) stopped_ = true;
    return !stopped_;
  }

  unsigned threads_ = 1;
  std::function<bool()> goes_on_;
  std::mutex asking_;  // guards goes_on_, failure_ and stopped_ until the threads have ended
  std::exception_ptr failure_;
  bool stopped_ = false;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace nf::predict
