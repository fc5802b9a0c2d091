#include "core/residency/dropped_needs.h"

#include <algorithm>
#include <utility>

namespace nf {

Result<DroppedNeeds> DroppedNeeds::make() {
  Result<Array<Entry>> named = Array<Entry>::make(kNamedMax);
  if (!named) return named.error();
  Result<Array<Entry>> noted = Array<Entry>::make(kNamedMax);
  if (!noted) return noted.error();
  DroppedNeeds made;
  made.named_ = std::move(*named);
  made.noted_ = std::move(*noted);
  return made;
}

const DroppedNeeds::Entry* DroppedNeeds::find(ContainerId id) const {
  const Entry* const begin = named_.begin();
  const Entry* const end = begin + named_count_;
  const Entry* const found = std::lower_bound(
      begin, end, id, [](const Entry& entry, ContainerId other) { return entry.id < other; });
  return found != end && found->id == id && !found->taken ? found : nullptr;
}

void DroppedNeeds::note(ContainerId id, Time since) {
  if (noted_count_ < noted_.size()) {
    noted_[noted_count_++] = {.id = id, .since = since};
    noted_sorted_ = false;
    return;
  }
  // It is needed still, but since when is not known any more.
  ++unnamed_now_;
  if (const Entry* const entry = find(id)) forget(*entry);
}

Time DroppedNeeds::forget(const Entry& entry) {
  named_[static_cast<std::size_t>(&entry - named_.begin())].taken = true;
  return entry.since;
}

Time DroppedNeeds::take(ContainerId id) {
  const Entry* const entry = find(id);
  return entry == nullptr ? Time::never() : forget(*entry);
}

Time DroppedNeeds::take_noted(ContainerId id) {
  if (noted_count_ == 0) return Time::never();
  if (!noted_sorted_) sort_noted();
  const Entry* const begin = noted_.begin();
  const Entry* const end = begin + noted_count_;
  const Entry* const found = std::lower_bound(
      begin, end, id, [](const Entry& entry, ContainerId other) { return entry.id < other; });
  if (found == end || found->id != id) return Time::never();
  return std::min(found->since, take(id));
}

bool DroppedNeeds::holds(ContainerId id) const {
  return find(id) != nullptr;
}

std::uint32_t DroppedNeeds::late(Time now) const {
  const Entry* const begin = named_.begin();
  const auto late = std::count_if(begin, begin + named_count_, [now](const Entry& entry) {
    return !entry.taken && entry.since < now;
  });
  return static_cast<std::uint32_t>(late) + unnamed_;
}

// Each once, with the earliest of what was said of it.
void DroppedNeeds::sort_noted() {
  Entry* const begin = noted_.begin();
  Entry* const end = begin + noted_count_;
  std::sort(begin, end, [](const Entry& a, const Entry& b) {
    return a.id != b.id ? a.id < b.id : a.since < b.since;
  });
  const Entry* const last =
      std::unique(begin, end, [](const Entry& a, const Entry& b) { return a.id == b.id; });
  noted_count_ = static_cast<std::uint32_t>(last - begin);
  noted_sorted_ = true;
}

}  // namespace nf
