// What blocks until something is there: for loading screens and tools. Steps the pipeline meanwhile
// and gathers what comes for the next update().
#include <chrono>
#include <utility>

#include "core/stream/streamer_impl.h"

namespace nf {
namespace {

constexpr Duration kLook = {1'000'000};  // from one step to the next
constexpr int kIdleSteps = 2;            // in a row, before idle is believed

class Stopwatch {
 public:
  Duration elapsed() const {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                 started_)
                .count()};
  }

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<void> StreamerImpl::wait(ContainerId id, Time now, Duration timeout) {
  const Stopwatch stopwatch;
  if (!gathering_) clear_events();  // what the last update() returned was seen
  gathering_ = true;
  for (;;) {
    const Duration elapsed = stopwatch.elapsed();
    step(std::max(now_, now + elapsed));
    const ActiveContainer* container = find_active(id);
    if (container == nullptr) return Error{.code = ErrorCode::not_found};
    if (container->announced) return {};
    if (const Error why = failure(id); why) return why;
    if (elapsed >= timeout) return Error{.code = ErrorCode::timed_out};
    device_->wait(kLook);
  }
}

// What loads take says nothing while the clock stands, so what was learnt of it before stays.
Result<void> StreamerImpl::fill(Time now, Duration timeout) {
  const Stopwatch stopwatch;
  const BareTime reading = reading_, decoding = decoding_;
  const RateLimit rate = std::exchange(rate_, RateLimit(Bytes{~0ull}));
  if (!gathering_) clear_events();
  gathering_ = true;
  Result<void> filled;
  for (int idle_steps = 0; idle_steps < kIdleSteps;) {
    step(now);
    idle_steps = idle() ? idle_steps + 1 : 0;
    if (idle_steps > 0) continue;
    const Duration elapsed = stopwatch.elapsed();
    if (elapsed >= timeout) {
      filled = Error{.code = ErrorCode::timed_out};
      break;
    }
    device_->wait(kLook);
  }
  reading_ = reading;
  decoding_ = decoding;
  rate_ = rate;
  return filled;
}

}  // namespace nf
