#include "bench/contenders/contender.h"

#include <atomic>
#include <exception>
#include <thread>

#include "bench/suite/clocks.h"

namespace nf::bench {
namespace {

// What the threads of one run share.
struct Shared {
  const LoadRun& run;
  std::atomic<bool> started = false;
  std::atomic<bool> failed = false;
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
};

void request(BlockingContender& contender, Shared& shared, std::uint32_t requester) {
  const LoadRun& run = shared.run;
  AssetBytes assets;
  while (!shared.failed) {
    const std::size_t place = shared.next++;
    if (place >= run.order.size()) return;
    const std::uint32_t container = run.order[place];
    assets.clear();
    const double asked = wall_seconds();
    contender.read_container(requester, container, run.scratch[requester], assets);
    if (!run.latencies_us.empty()) run.latencies_us[place] = (wall_seconds() - asked) * 1e6;
    if (run.visit != nullptr) (*run.visit)(container, assets);
  }
}

void serve(BlockingContender& contender, Shared& shared, std::uint32_t requester) {
  shared.started.wait(false);
  try {
    request(contender, shared, requester);
  } catch (...) {
    if (!shared.failed.exchange(true)) shared.failure = std::current_exception();
  }
}

void let_go(Shared& shared) {
  shared.started = true;
  shared.started.notify_all();
}

}  // namespace

void BlockingContender::run(const LoadRun& run, LoadClock& clock) {
  Shared shared{.run = run, .failure = nullptr};
  std::vector<std::jthread> threads;
  try {
    for (std::uint32_t requester = 0; requester < run.requesters; ++requester) {
      threads.emplace_back([this, &shared, requester] { serve(*this, shared, requester); });
    }
  } catch (...) {
    // Those that there are wait for the start, and would for ever.
    shared.failed = true;
    let_go(shared);
    throw;
  }
  clock.start();
  let_go(shared);
  threads.clear();  // joins
  clock.stop();
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace nf::bench
