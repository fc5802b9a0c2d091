// ActiveSet: what is known of every container that is not dormant: whether somebody wants it, where
// its memory is, whether the engine was told.
//
// Thread: the owner's. Allocates in `reserve` only. Pure: no clock, no I/O; it moves no bytes.
//
// A thousand observers list ten thousand containers each frame, nearly all of them resident
// already. What the frame asks about those is one byte each, in the order of the ids (`brief`).
//
// A container is wanted *directly* (it is in a bubble or forecast, or pinned) or because a directly
// wanted container depends on it (`users`). Dependency lists are complete, so holding never
// recurses.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/frame_events.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/base/sparse_bits.h"
#include "core/residency/lateness.h"
#include "core/residency/span_allocator.h"

namespace nf {

using ActiveSlot = Id<struct ActiveSlotTag>;
using LoadId = Id<struct LoadTag>;

// What a frame asks about everything that is wanted and not there yet comes first: two cache lines.
struct alignas(64) ActiveContainer {
  ContainerId id;
  LoadId load;  // valid while bytes are on their way
  std::uint32_t pins = 0;
  std::uint32_t users = 0;            // directly wanted containers that depend on it
  Time needed_at = Time::never();     // earliest, this frame
  Time needed_since = Time::never();  // when it was first needed without being resident
  Time retry_at;                      // failed: not before
  bool shared = false;
  bool listed = false;   // some observer's bubble or forecast touches it
  bool wanted = false;   // listed, pinned, or somebody depends on it
  bool pending = false;  // wanted and not announced: on the list of what is looked at each frame
  bool maybe_dormant = false;  // to be looked at when the frame ends
  bool postponed = false;      // found no memory, or gave it up: waits until retry_at
  bool touched = false;        // pinned or unpinned since the last frame
  bool holds = false;          // its dependencies count it as a user
  bool rests = false;          // it holds them, and all of them were announced: nothing to wait for
  bool inside = false;         // of some bubble
  bool only_reachable = false;  // wanted for nothing but an observer's motion envelope
  bool by_intent = false;       // listed, and nobody but intents needs it
  bool on_account = false;      // of intents: nobody else has wanted it since its load began
  bool ever_needed = false;     // since its bytes were read
  bool has_bytes = false;       // to be fetched: known once it was asked for
  bool in_memory = false;       // every byte decoded
  bool announced = false;       // the engine was told that it arrived
  bool shown = false;           // likewise to display it; only of what has levels
  bool lingers = false;         // announced, unwanted, and the engine was not told yet
  bool cached = false;  // in memory, unwanted, and the engine knows: in the order of leaving
  Error failure;
  std::uint64_t needed_frame = 0;    // frame that `needed_at` belongs to
  std::uint64_t claimed_frame = 0;   // frame in which one waits for it that is not only intended
  std::uint64_t intended_frame = 0;  // frame in which one waits for it that is
  std::uint32_t stored_size = 0;     // if it has_bytes
  std::uint32_t failures = 0;        // in a row
  Time pinned_at;                    // pins > 0: when the first of them needs it
  SpanAllocator::Span memory;        // valid from the start of a load on
  std::uint64_t bytes_read = 0;      // for the bytes that are in memory
  ActiveSlot older, newer;           // among what is cached, or lingers
};

// Bits of ActiveSet::brief.
inline constexpr std::uint8_t kBriefListed = 1;
inline constexpr std::uint8_t kBriefAnnounced = 2;
inline constexpr std::uint8_t kBriefInside = 4;
inline constexpr std::uint8_t kBriefByIntent = 8;

class ActiveSet {
 public:
  // Makes room for ids below `container_count`, of which at most `active_max` are active at one
  // time.
  Result<void> reserve(std::uint32_t container_count, std::uint32_t active_max);

  ActiveSlot find(ContainerId id) const { return slot_of_[id.value]; }  // none if dormant
  // The slot of a container, made active if it was dormant; none if too many are active.
  ActiveSlot activate(ContainerId id, bool shared);
  void deactivate(ActiveSlot slot);

  ActiveContainer& operator[](ActiveSlot slot) { return records_[slot.value]; }
  const ActiveContainer& operator[](ActiveSlot slot) const { return records_[slot.value]; }

  // Of what will be looked at soon.
  void prefetch(ActiveSlot slot) const {
    __builtin_prefetch(&records_[slot.value]);
    __builtin_prefetch(&records_[slot.value].failure);
  }

  // How the last arrival went, or goes; for nobody who looks at every container.
  ArrivalHistory& history(ActiveSlot slot) { return histories_[slot.value]; }
  const ArrivalHistory& history(ActiveSlot slot) const { return histories_[slot.value]; }

  // A copy of `listed`, `announced`, `inside` and `by_intent`; dormant: 0. Whoever changes one
  // changes both, by these.
  std::uint8_t brief(ContainerId id) const { return brief_[id.value]; }
  void set_listed(ActiveSlot slot, bool on) {
    set_flag(slot, &ActiveContainer::listed, kBriefListed, on);
  }
  void set_announced(ActiveSlot slot, bool on) {
    set_flag(slot, &ActiveContainer::announced, kBriefAnnounced, on);
  }
  void set_inside(ActiveSlot slot, bool on) {
    set_flag(slot, &ActiveContainer::inside, kBriefInside, on);
  }
  void set_by_intent(ActiveSlot slot, bool on) {
    set_flag(slot, &ActiveContainer::by_intent, kBriefByIntent, on);
  }

  // By container.
  const SparseBits& listed() const { return listed_; }
  const SparseBits& inside() const { return inside_; }
  // Listed and announced, and not only by intents: while it stays listed there is nothing to do.
  const SparseBits& settled() const { return settled_; }

  // Every active slot, in no order that means anything; a deactivation moves the last one forward.
  std::span<const ActiveSlot> active() const { return {active_.data(), active_count_}; }

  // The order of leaving: what left first is evicted first.
  void append_cached(ActiveSlot slot);
  void remove_cached(ActiveSlot slot);
  ActiveSlot oldest_cached() const { return cached_.oldest; }
  Bytes cached_bytes() const { return cached_.bytes; }  // what evicting all of them would free

  // What is to leave, those longest unwanted first.
  void append_lingering(ActiveSlot slot);
  void remove_lingering(ActiveSlot slot);
  ActiveSlot oldest_lingering() const { return lingering_.oldest; }
  Bytes lingering_bytes() const { return lingering_.bytes; }

 private:
  // Through `older` and `newer` of its members; a container is in one at most.
  struct Line {
    ActiveSlot oldest, newest;
    Bytes bytes;
  };
  void append(Line& line, ActiveSlot slot);
  void remove(Line& line, ActiveSlot slot);
  void set_flag(ActiveSlot slot, bool ActiveContainer::* flag, std::uint8_t bit, bool on) {
    ActiveContainer& record = records_[slot.value];
    if (record.*flag == on) return;
    record.*flag = on;
    set_brief(record.id, bit, on);
  }
  void set_brief(ContainerId id, std::uint8_t bit, bool on);

  Array<ActiveSlot> slot_of_;
  Array<std::uint8_t> brief_;
  SparseBits listed_, inside_, settled_;
  Array<ActiveContainer> records_;
  Array<ArrivalHistory> histories_;
  Array<ActiveSlot> active_;    // dense
  Array<std::uint32_t> place_;  // of a slot in active_
  Array<ActiveSlot> free_;
  std::uint32_t active_count_ = 0;
  std::uint32_t free_count_ = 0;
  Line cached_, lingering_;
};

// What a container looks like from outside.
Residency residency_of(const ActiveContainer& container, bool decoding);

}  // namespace nf
