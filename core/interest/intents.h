// Intents: observers of places where they are not yet, at a time that the engine states.
//
// An intent has eyes like an observer's, in the bodies around the place that it leads to, with the
// forecast of one who has just come there; nothing that they see counts as inside before the
// observer is there itself. When it is to arrive is added when the lists are merged, so that a
// countdown that changes its mind collects nothing anew.
//
// Thread: the owner's. Allocates in `make` and `reserve` only. Pure but for its own arrays.
#pragma once

#include <cstdint>

#include <nearfield/observer.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/eyes.h"
#include "core/interest/merge.h"
#include "core/interest/wanted.h"
#include "core/world/world.h"

namespace nf {

struct IntentsOptions {
  std::uint32_t intents_max = 0;
  Duration lookahead = {8'000'000'000};  // after arrival
  Duration refresh_interval = {100'000'000};
  std::uint32_t refreshes_max = 4;  // a frame, beyond those that cannot wait
  float hysteresis = 1.15f;
  CollectorOptions collector;
};

// As which it is seen that intends.
struct IntentBubble {
  double scale = 1;
  MotionEnvelope envelope;
};

class Intents {
 public:
  static Result<Intents> make(const IntentsOptions& options);
  Result<void> reserve(std::uint32_t bodies);

  // limit_exceeded past intents_max; invalid_argument for what is no number or no probability.
  Result<IntentId> add(ObserverId observer, const IntentBubble& bubble, const IntentSample& sample);
  // not_found if it is none any more. On an error it stays as it was.
  Result<void> change(IntentId id, const IntentSample& sample);
  // Nothing, if it is none any more.
  void withdraw(IntentId id);
  void withdraw_all_of(ObserverId observer);
  std::uint32_t count() const { return count_; }
  std::size_t listed_max() const { return eyes_.listed_max(); }

  // What was collected does not hold for the world as it is.
  void collect_anew();
  // Expires what is over, and looks again where it must.
  void bring_up_to_date(const World& world, Time now);

  // The two passes of a merge; the second after all observers' lists were added.
  void mark(WantedMerge& merge) const;
  void add_to(WantedMerge& merge, Time now) const;

  std::uint64_t overflows() const { return overflows_; }

 private:
  struct State {
    ObserverId observer;
    IntentSample sample;
    EyeId eyes;          // the first of them
    Time collected_for;  // the arrival that its lists were collected for
    Time refreshed_at;
    std::uint64_t times_given_back = 0;  // of eyes, until then
    IntentBubble bubble;
    std::uint64_t poses = 0;  // the world's version that its eyes were placed at
    std::uint32_t generation = 0;
    bool active = false;
    bool collected = false;
    bool moved = false;          // since its eyes were placed
    bool off = false;            // from what its lists were collected for
    bool short_of_room = false;  // others took what its lists needed, and may give it back
    bool may_give_way = false;   // it has eyes that others may need more
  };

  State* find(IntentId id);
  Stance stance_of(std::uint32_t slot) const;
  void release(std::uint32_t slot);
  void note_changes(const World& world);
  void place_eyes(std::uint32_t slot, const World& world, Time now);
  void refresh(std::uint32_t slot, const World& world, Time now);
  void refresh_within_budget(const World& world, Time now);
  bool is_due(const State& intent, Time now) const;

  IntentsOptions options_;
  Array<State> intents_;    // by slot
  std::uint32_t used_ = 0;  // slots at or past it were never taken
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;  // slot where the round of refreshes goes on
  std::uint64_t overflows_ = 0;
  Eyes eyes_;
};

}  // namespace nf
