#include "tests/sim/pins.h"

#include <array>

namespace nf::sim {
namespace {

// Behind what every update was told: the streamer's time stands still while it waits, whatever the
// machine's does, and a session remains a function of its seed.
constexpr Time kLongAgo{};
constexpr Duration kWaitMax = {60ll * 1'000'000'000};

// Now, soon, later, and later than pins can say.
Duration draw_needed_in(Prng& prng) {
  const std::array<double, 5> seconds = {-1, 0, prng.between(0, 2), prng.between(0, 60),
                                         prng.between(80'000, 200'000)};
  return Duration::from_seconds(seconds[prng.below(seconds.size())]);
}

}  // namespace

void Pins::act(Stage& stage, const std::function<void()>& look) {
  Prng& prng = stage.prng;
  Streamer& streamer = *stage.streamer;
  const bool only_pins = stage.plan.only_pins;
  const std::uint64_t pins = prng.chance(only_pins ? 0.2 : 0.03) ? 1 + prng.below(4) : 0;
  for (std::uint64_t i = 0; i < pins; ++i) {
    const Duration needed_in = draw_needed_in(prng);
    stage.pinned.pin(streamer, stage.any_container(), needed_in, stage.told);
  }
  if (only_pins && !stage.pinned.empty() && prng.chance(0.2)) {  // what is pinned, sooner
    stage.pinned.pin(streamer, stage.pinned.any(prng), Duration{}, stage.told);
  }
  if (prng.chance(only_pins ? 0.3 : 0.05)) stage.pinned.drop_any(prng);
  if (prng.chance(0.05)) {  // looked at, not waited for
    const Pin pin = streamer.pin(stage.any_container());
    if (pin.id().valid()) stage.pinned.touch(pin.id(), stage.told);
  }
  if (stage.result.steps > 0 && prng.chance(0.02))
    wait_a_little(stage, stage.any_container(), look);
}

void Pins::check(Stage& stage) {
  const char* broken =
      stage.pinned.check(*stage.streamer, stage.device, stage.mounts, stage.resident,
                         {.only_pins = stage.plan.only_pins,
                          .no_errors = stage.plan.reads_are_honest(),
                          .no_overflow = stage.plan.streamer.active_max >= kActiveEnough});
  stage.check(broken == nullptr, broken);
  stage.check(stage.device.broken() == nullptr, stage.device.broken());
}

void Pins::settle(Stage& stage) {
  if (!stage.plan.only_pins) stage.pinned.clear();
}

// Some steps of the pipeline without an update; their events come with the next one.
void Pins::wait_a_little(Stage& stage, ContainerId id, const std::function<void()>& look) {
  if (!stage.pinned.pin(*stage.streamer, id, draw_needed_in(stage.prng), stage.told)) return;
  stage.waited = true;
  stage.waited_at = stage.result.steps;
  for (std::uint64_t steps = stage.prng.below(20); steps > 0; --steps) {
    stage.stepped = true;
    const Result<void> waited =
        stage.streamer->wait(stage.pinned.first_of(id), kLongAgo, Duration{});
    look();
    check(stage);
    check_waited(stage, id, waited);
    if (waited || waited.error().code != ErrorCode::timed_out) return;
    stage.device.wait(Duration::from_seconds(1));
  }
}

void Pins::wait_until_there(Stage& stage, ContainerId id) {
  const bool pinned = stage.pinned.pin(*stage.streamer, id, draw_needed_in(stage.prng), stage.told);
  if (!stage.check(pinned, "a pin was refused")) return;
  stage.waited = stage.stepped = true;
  const Result<void> waited = stage.streamer->wait(stage.pinned.first_of(id), kLongAgo, kWaitMax);
  check(stage);
  check_waited(stage, id, waited);
  const bool in_time = waited || waited.error().code != ErrorCode::timed_out;
  stage.check(in_time || stage.streamer->failure(id), "what was waited for never came");
}

void Pins::check_waited(Stage& stage, ContainerId id, const Result<void>& waited) const {
  const bool there = stage.pinned.first_of(id).resident();
  stage.result.waits_ended += there ? 1 : 0;
  stage.check(there == waited.has_value(),
              "what was waited for came and was not said to, or not at all");
  const Error why = stage.streamer->failure(id);
  stage.check(!why || (!waited && waited.error().code == why.code),
              "a wait ended for another reason");
}

}  // namespace nf::sim
