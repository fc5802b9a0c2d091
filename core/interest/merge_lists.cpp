// All eyes' lists into one: what nearly every frame spends most of its time on.
#include <algorithm>

#include "core/base/planted_bug.h"
#include "core/interest/eyes.h"
#include "core/interest/merge.h"

namespace nf {
namespace {

constexpr std::size_t kListsAhead = 3;  // fetched before they are looked at

const ObserverList& ahead_of(std::span<const Eye> eyes, std::size_t at) {
  return eyes[std::min(at + kListsAhead, eyes.size() - 1)].list;
}

std::span<const Eye> merged(std::span<const Eye> eyes) {
  if constexpr (planted_bug != kLateEyesUnmerged) return eyes;
  return eyes.first(std::min<std::size_t>(eyes.size(), 1000));
}

}  // namespace

void Eyes::mark(WantedMerge& merge) const {
  const std::span<const Eye> eyes = merged(all());
  for (std::size_t at = 0; at < eyes.size(); ++at) {
    const ObserverList& list = eyes[at].list;
    __builtin_prefetch(ahead_of(eyes, at).ids);
    __builtin_prefetch(ahead_of(eyes, at).nearness);
    for (std::uint32_t i = 0; i < list.listed; ++i) {
      merge.mark(list.ids[i], list.nearness[i] == Nearness::inside);
    }
  }
}

// Lists of those who stand are old: nothing but what somebody is inside of was needed before now.
void Eyes::add_to(WantedMerge& merge, Time now) const {
  const std::span<const Eye> eyes = merged(all());
  for (std::size_t at = 0; at < eyes.size(); ++at) {
    const ObserverList& list = eyes[at].list;
    __builtin_prefetch(ahead_of(eyes, at).ids);
    for (std::uint32_t i = 0; i < list.listed; ++i) {
      Wanted* const wanted = merge.find(list.ids[i]);
      if (wanted == nullptr) continue;
      const Need need = list.needs[i];
      const Time needed_at = need.inside ? need.at : std::max(need.at, now);
      wanted->needed_at = std::min(wanted->needed_at, needed_at);
      wanted->probability = std::max(wanted->probability, need.probability);
      wanted->inside |= need.inside;
      wanted->keep_only &= need.at == Time::never();
      ++wanted->observers;
    }
  }
}

// Calls `visit(list, i)`.
template <class Visit>
void Eyes::for_each_dropped(Visit visit) const {
  if (dropped_inside_ == 0) return;
  for (const Eye& eye : all()) {
    if (eye.dropped.inside == eye.dropped.unnamed) continue;
    for (std::uint32_t i = eye.list.listed; i < eye.list.count; ++i) {
      if (eye.list.nearness[i] == Nearness::inside) visit(eye.list, i);
    }
  }
}

void Eyes::mark_dropped(WantedMerge& merge) const {
  for_each_dropped(
      [&](const ObserverList& list, std::uint32_t i) { merge.mark_dropped(list.ids[i]); });
}

void Eyes::add_dropped_to(WantedMerge& merge) const {
  for_each_dropped([&](const ObserverList& list, std::uint32_t i) {
    Wanted* const wanted = merge.find(list.ids[i]);
    if (wanted == nullptr) return;
    wanted->needed_at = std::min(wanted->needed_at, list.needs[i].at);
    wanted->probability = std::max(wanted->probability, list.needs[i].probability);
    wanted->inside = true;
    wanted->keep_only = false;
  });
}

void Eyes::tell_dropped(WantedMerge& merge) const {
  for_each_dropped([&](const ObserverList& list, std::uint32_t i) { merge.drop(list.ids[i]); });
  if (dropped_inside_ == 0) return;
  for (const Eye& eye : all()) merge.drop_unnamed(eye.dropped.unnamed);
}

}  // namespace nf
