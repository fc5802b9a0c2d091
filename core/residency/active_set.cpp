#include "core/residency/active_set.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {

Result<void> ActiveSet::reserve(std::uint32_t container_count, std::uint32_t active_max) {
  auto slot_of = Array<ActiveSlot>::make(container_count);
  auto brief = Array<std::uint8_t>::make(container_count);
  auto listed = SparseBits::make(container_count);
  auto inside = SparseBits::make(container_count);
  auto settled = SparseBits::make(container_count);
  if (!slot_of || !brief || !listed || !inside || !settled) {
    return Error{.code = ErrorCode::out_of_memory};
  }
  listed->take_over(listed_);
  inside->take_over(inside_);
  settled->take_over(settled_);
  std::copy(brief_.begin(), brief_.end(), brief->begin());
  slot_of->fill(ActiveSlot::none());
  std::copy(slot_of_.begin(), slot_of_.end(), slot_of->begin());
  if (active_max > records_.size()) {
    auto records = Array<ActiveContainer>::make(active_max);
    auto histories = Array<ArrivalHistory>::make(active_max);
    auto active = Array<ActiveSlot>::make(active_max);
    auto place = Array<std::uint32_t>::make(active_max);
    auto free = Array<ActiveSlot>::make(active_max);
    if (!records || !histories || !active || !place || !free)
      return Error{.code = ErrorCode::out_of_memory};
    const auto before = static_cast<std::uint32_t>(records_.size());
    std::copy(records_.begin(), records_.end(), records->begin());
    std::copy(histories_.begin(), histories_.end(), histories->begin());
    std::copy(active_.begin(), active_.end(), active->begin());
    std::copy(place_.begin(), place_.end(), place->begin());
    std::copy(free_.begin(), free_.begin() + free_count_, free->begin());
    // Taken from the back: low slots first.
    std::copy_backward(free->begin(), free->begin() + free_count_,
                       free->begin() + free_count_ + (active_max - before));
    for (std::uint32_t i = 0; i < active_max - before; ++i) (*free)[i] = {active_max - 1 - i};
    free_count_ += active_max - before;
    records_ = std::move(*records);
    histories_ = std::move(*histories);
    active_ = std::move(*active);
    place_ = std::move(*place);
    free_ = std::move(*free);
  }
  slot_of_ = std::move(*slot_of);
  brief_ = std::move(*brief);
  listed_ = std::move(*listed);
  inside_ = std::move(*inside);
  settled_ = std::move(*settled);
  return {};
}

ActiveSlot ActiveSet::activate(ContainerId id, bool shared) {
  ActiveSlot& slot = slot_of_[id.value];
  if (slot.valid() || free_count_ == 0) return slot;
  slot = free_[--free_count_];
  records_[slot.value] = ActiveContainer{};
  histories_[slot.value] = ArrivalHistory{};
  records_[slot.value].id = id;
  records_[slot.value].shared = shared;
  place_[slot.value] = active_count_;
  active_[active_count_++] = slot;
  return slot;
}

void ActiveSet::deactivate(ActiveSlot slot) {
  const ActiveContainer& record = records_[slot.value];
  NF_ASSERT(!record.memory.valid() && !record.load.valid());
  NF_ASSERT(!record.cached && !record.lingers);
  NF_ASSERT(record.pins == 0 && record.users == 0 && !record.holds && !record.pending);
  NF_ASSERT(brief_[record.id.value] == 0);
  slot_of_[record.id.value] = ActiveSlot::none();
  const std::uint32_t place = place_[slot.value];
  const ActiveSlot last = active_[--active_count_];
  active_[place] = last;
  place_[last.value] = place;
  free_[free_count_++] = slot;
}

void ActiveSet::set_brief(ContainerId id, std::uint8_t bit, bool on) {
  std::uint8_t& bits = brief_[id.value];
  bits = static_cast<std::uint8_t>(on ? bits | bit : bits & ~bit);
  constexpr std::uint8_t kAll = kBriefListed | kBriefAnnounced | kBriefByIntent;
  listed_.set(id.value, (bits & kBriefListed) != 0);
  inside_.set(id.value, (bits & kBriefInside) != 0);
  settled_.set(id.value, (bits & kAll) == (kBriefListed | kBriefAnnounced));
}

void ActiveSet::append(Line& line, ActiveSlot slot) {
  ActiveContainer& record = records_[slot.value];
  line.bytes += Bytes{record.memory.size};
  record.older = line.newest;
  record.newer = ActiveSlot::none();
  (line.newest.valid() ? records_[line.newest.value].newer : line.oldest) = slot;
  line.newest = slot;
}

void ActiveSet::remove(Line& line, ActiveSlot slot) {
  ActiveContainer& record = records_[slot.value];
  line.bytes -= Bytes{record.memory.size};
  (record.older.valid() ? records_[record.older.value].newer : line.oldest) = record.newer;
  (record.newer.valid() ? records_[record.newer.value].older : line.newest) = record.older;
  record.older = record.newer = ActiveSlot::none();
}

void ActiveSet::append_cached(ActiveSlot slot) {
  ActiveContainer& record = records_[slot.value];
  NF_ASSERT(!record.cached && !record.lingers && !record.announced && record.in_memory);
  record.cached = true;
  append(cached_, slot);
}

void ActiveSet::remove_cached(ActiveSlot slot) {
  NF_ASSERT(records_[slot.value].cached);
  records_[slot.value].cached = false;
  remove(cached_, slot);
}

void ActiveSet::append_lingering(ActiveSlot slot) {
  ActiveContainer& record = records_[slot.value];
  NF_ASSERT(!record.cached && !record.lingers && record.announced);
  record.lingers = true;
  append(lingering_, slot);
}

void ActiveSet::remove_lingering(ActiveSlot slot) {
  NF_ASSERT(records_[slot.value].lingers);
  records_[slot.value].lingers = false;
  remove(lingering_, slot);
}

Residency residency_of(const ActiveContainer& container, bool decoding) {
  if (container.announced) {
    return container.lingers && container.pins == 0 ? Residency::leaving : Residency::resident;
  }
  if (container.in_memory) return container.wanted ? Residency::decoding : Residency::leaving;
  if (container.load.valid()) return decoding ? Residency::decoding : Residency::reading;
  if (container.failure) return Residency::failed;
  return container.wanted || container.pins > 0 ? Residency::queued : Residency::dormant;
}

}  // namespace nf
