// Wanted: which containers the bubbles and forecasts touch, and when each is needed.
//
// Thread: the owner's. Allocates in `create` and `reserve` only. Pure but for its own arrays: the
// same calls give the same answer.
//
// What is inside a bubble is exact in every frame, in whatever body: each list holds all that the
// observer could reach before it is collected anew, and how far it must travel, seen from that
// body, until anything on it can change sides. What is forecast is refreshed within a budget a
// frame: first for observers that left their forecast or saw it end, then for those where it is
// old, so that a thousand observers cost what moves and not what exists. The lists are merged every
// frame; what became of them is told only where something is to be done.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <nearfield/frame_events.h>
#include <nearfield/observer.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/interest/container_filter.h"
#include "core/predict/forecast.h"
#include "core/world/world.h"

namespace nf {

struct Wanted {
  ContainerId id;
  Time needed_at;               // earliest over all observers; `now` or before if inside a bubble;
                                // never() if it is only kept
  float probability = 1;        // that it is needed, the largest over all observers; 0 if only kept
  std::uint32_t observers = 0;  // that have it on their list
  bool inside = false;          // some observer is within the load distance now
  bool keep_only = false;       // between load distance and hysteresis: keep it, do not load it
  bool by_intent = false;       // no observer needs it but by an intent; these do not count above

  // Nothing but a motion envelope says that it may be needed.
  bool only_reachable() const {
    return !inside && !by_intent && probability <= kEnvelopeProbability;
  }
};

// What some observer is inside of and none has room for: a limit dropped it.
struct DroppedInside {
  std::span<const ContainerId> ids;  // ascending
  std::uint32_t more = 0;            // that are not named; what several dropped may count for each
};

// Containers that somebody wanted before and for which nothing is left to do, a bit each from id 0
// on: who asks need not be told of them again. Both parts have a word for each 64 ids that
// `reserve` made room for, or are empty: nothing is settled.
struct Settled {
  std::span<const std::uint64_t> containers;
  std::span<const std::uint64_t> inside;  // of those: what `Wanted::inside` was
};

// An intent in the frame of a body.
struct IntentSample {
  BodyId body;
  WorldPosition position;
  WorldVector velocity;
  Time arrives_at;
  float probability = 1;
};

struct InterestOptions {
  std::uint32_t observers_max = 1024;
  std::uint32_t wanted_per_observer_max = 256;
  std::uint32_t wanted_max = 1u << 16;        // containers wanted at one time, over all observers
  std::uint32_t refreshes_max = 24;           // a frame, beyond those that cannot wait
  Duration refresh_interval = {100'000'000};  // longer for long forecasts: an eighth of them
  Duration lookahead = {8'000'000'000};
  float hysteresis = 1.15f;  // leaving takes this times the load distance
  bool sets = false;         // keep interest sets
  std::uint32_t binds_max = 1u << 16;
  std::uint32_t intents_max = 0;
};

struct InterestStats {
  std::uint64_t refreshes = 0;
  // Containers that a limit dropped, the least urgent ones, and bodies that were not looked into:
  // summed over the calls of find_wanted, and over the lists that had no room for them.
  std::uint64_t overflows = 0;
};

struct InterestChanges {
  std::span<const Bind> bound;  // ascending by observer, then by container
  std::span<const Bind> unbound;
};

class Interest {
 public:
  static Result<Interest> create(const InterestOptions& options);
  Interest(Interest&&) noexcept;
  Interest& operator=(Interest&&) noexcept;
  ~Interest();

  // Makes room for ids below `container_count` and `body_count`; called by mount.
  Result<void> reserve(std::uint32_t container_count, std::uint32_t body_count);

  // `bubble_scale` multiplies every load distance for this observer. Positions are in the frame of
  // `body`; an observer that goes on in another body's has crossed over, and is not taken to have
  // jumped.
  // limit_exceeded past observers_max; invalid_argument for a position or scale that is no number.
  Result<ObserverId> add(const MotionSample& start, float bubble_scale, BodyId body = kRootBody);
  // From now on the observer is within this; until told so it is taken to move as it likes.
  void set_envelope(ObserverId id, const MotionEnvelope& envelope);
  void remove(ObserverId id);
  // A position that is not finite is ignored; one of an earlier time counts, but teaches nothing.
  void move(ObserverId id, const MotionSample& sample, BodyId body = kRootBody);
  std::uint32_t observer_count() const;

  // An observer of where it is not yet, with the bubble of one that is there: see Intents.
  // invalid_argument for no such observer, and numbers that are none; limit_exceeded past
  // intents_max.
  Result<IntentId> intend(ObserverId id, const IntentSample& intent);
  // not_found if it is none any more; on an error it stays as it was.
  Result<void> change_intent(IntentId id, const IntentSample& intent);
  void withdraw(IntentId id);  // nothing, if it is none any more
  std::uint32_t intent_count() const;

  // Refreshes what is due and merges. Knows of what moved since World::forget_changes. Ascending by
  // id, each container once; valid until the next call of this or of `all_wanted`. Does not know of
  // dependencies or pins. Leaves out what is settled, unless it is inside now and was not or the
  // other way round, or an intent wants it.
  std::span<const Wanted> find_wanted(const World& world, Time now, const Settled& settled = {});
  // All that was wanted at the last find_wanted, settled or not; merged once, however often it is
  // asked for.
  std::span<const Wanted> all_wanted();
  // Of the last find_wanted; until the next call of that or of `all_wanted`.
  DroppedInside dropped_inside();
  // Of what was wanted then, settled or not: a bit for each of the containers from 64 * `word` on.
  std::uint64_t wanted_word(std::size_t word) const;

  // What changed in the interest sets since the last call, as of the last find_wanted; valid until
  // the next call. Nothing without InterestOptions::sets. What a set is: FrameEvents::bound.
  InterestChanges tell_changes();
  // Of what was taken away before the last tell_changes: whether somebody has not been told yet
  // that it is not bound to any of it any more.
  bool still_binds(ContainerRange gone) const;
  // Ascending; as of the last tell_changes, until the next.
  std::span<const ContainerId> set_of(ObserverId id) const;

  // Who needs any of `asked` by then, as of the last find_wanted: see Eyes::find_needs.
  std::size_t find_needs(const ContainerFilter& asked, Time until, NeedCursor& cursor,
                         std::span<ObserverNeed> found) const;

  InterestStats stats() const;

 private:
  struct Impl;
  explicit Interest(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// When `place` is first within `reach` metres of the piece's growing sphere, or Time::never().
// Sphere against a moving sphere exactly (quadratic); box by conservative advancement (Mirtich,
// "Impulse-based dynamic simulation", 1996) along the direction of approach, at most 32 steps.
Time first_contact(const Place& place, double reach, const ForecastPiece& piece);

}  // namespace nf
