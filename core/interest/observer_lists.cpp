#include "core/interest/observer_lists.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nf {

void ObserverList::assign(const Collection& collection, double odometer) {
  count = static_cast<std::uint32_t>(collection.candidates.size());
  listed = collection.listed_count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Candidate& candidate = collection.candidates[i];
    ids[i] = candidate.id;
    needs[i] = candidate.need;
    nearness[i] = candidate.standing.nearness;
    check_at[i] = odometer + candidate.standing.slack;
  }
}

double ObserverList::next_check() const {
  double next = std::numeric_limits<double>::infinity();
  for (std::uint32_t i = 0; i < count; ++i) next = std::min(next, check_at[i]);
  return next;
}

void ObserverList::swap(std::uint32_t a, std::uint32_t b) {
  std::swap(ids[a], ids[b]);
  std::swap(needs[a], needs[b]);
  std::swap(nearness[a], nearness[b]);
  std::swap(check_at[a], check_at[b]);
}

Result<ObserverLists> ObserverLists::make(std::uint32_t observers_max,
                                          std::uint32_t candidates_max) {
  const std::size_t count = std::size_t{observers_max} * candidates_max;
  Result<Array<ContainerId>> ids = Array<ContainerId>::make(count);
  if (!ids) return ids.error();
  Result<Array<Need>> needs = Array<Need>::make(count);
  if (!needs) return needs.error();
  Result<Array<Nearness>> nearness = Array<Nearness>::make(count);
  if (!nearness) return nearness.error();
  Result<Array<double>> check_at = Array<double>::make(count);
  if (!check_at) return check_at.error();

  ObserverLists lists;
  lists.candidates_max_ = candidates_max;
  lists.ids_ = std::move(*ids);
  lists.needs_ = std::move(*needs);
  lists.nearness_ = std::move(*nearness);
  lists.check_at_ = std::move(*check_at);
  return lists;
}

ObserverList ObserverLists::list(std::uint32_t slot) {
  const std::size_t first = std::size_t{slot} * candidates_max_;
  ObserverList list;
  list.ids = ids_.data() + first;
  list.needs = needs_.data() + first;
  list.nearness = nearness_.data() + first;
  list.check_at = check_at_.data() + first;
  return list;
}

}  // namespace nf
