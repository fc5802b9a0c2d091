// DroppedNeeds: what an observer is inside of and a limit dropped, and since when it is needed. It
// is not active, or not for that, so nothing else knows that it is late.
//
// Thread: the owner's. Allocates in `make` only. Pure: no clock. Beyond kNamedMax it only counts.
#pragma once

#include <cstdint>
#include <utility>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"

namespace nf {

class DroppedNeeds {
 public:
  static constexpr std::uint32_t kNamedMax = 4096;

  static Result<DroppedNeeds> make();

  // In each frame in which it is so, as often as it is seen: needed since then, or since it was
  // noted first.
  void note(ContainerId id, Time since);
  void note_unnamed(std::uint32_t count) { unnamed_now_ += count; }

  // Of the last frame: since when it was needed, or never; for whoever answers for it from now on.
  Time take(ContainerId id);
  // If it was noted in this frame, and so is needed still: since when, by that or by the last one.
  Time take_noted(ContainerId id);

  // What is `there(id)` was noted in vain. Calls `over(since)` for what was noted in the frame
  // before, neither in this one nor taken: needed no more.
  template <class There, class Over>
  void end_frame(There there, Over over);

  // As of the last end_frame.
  bool holds(ContainerId id) const;
  std::uint32_t late(Time now) const;  // needed before that

 private:
  struct Entry {
    ContainerId id;
    Time since;
    bool taken = false;
  };

  const Entry* find(ContainerId id) const;
  Time forget(const Entry& entry);
  void sort_noted();

  Array<Entry> named_;  // of the last frame, ascending by id
  Array<Entry> noted_;  // in this frame
  std::uint32_t named_count_ = 0;
  std::uint32_t noted_count_ = 0;
  bool noted_sorted_ = false;
  std::uint32_t unnamed_ = 0;
  std::uint32_t unnamed_now_ = 0;
};

template <class There, class Over>
void DroppedNeeds::end_frame(There there, Over over) {
  if (named_count_ + noted_count_ > 0) {
    sort_noted();
    std::uint32_t kept = 0, before = 0;
    const auto close_below = [&](std::uint64_t id) {
      for (; before < named_count_ && named_[before].id.value < id; ++before) {
        if (!named_[before].taken) over(named_[before].since);
      }
    };
    for (std::uint32_t i = 0; i < noted_count_; ++i) {
      Entry entry = noted_[i];
      close_below(entry.id.value);
      if (before < named_count_ && named_[before].id == entry.id) {
        const Entry& known = named_[before++];
        if (!known.taken && known.since < entry.since) entry.since = known.since;
      }
      if (!there(entry.id)) noted_[kept++] = entry;
    }
    close_below(~std::uint64_t{0});
    std::swap(named_, noted_);
    named_count_ = kept;
    noted_count_ = 0;
  }
  unnamed_ = unnamed_now_;
  unnamed_now_ = 0;
}

}  // namespace nf
