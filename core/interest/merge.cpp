#include "core/interest/merge.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>

#include "core/base/assert.h"

namespace nf {

Result<WantedMerge> WantedMerge::make(const MergeLimits& limits) {
  const std::size_t count = (std::size_t{limits.containers} + 63) / 64;
  Result<Array<Word>> words = Array<Word>::make(count);
  if (!words) return words.error();
  Result<Array<std::uint64_t>> before = Array<std::uint64_t>::make(count);
  if (!before) return before.error();
  Result<Array<std::uint64_t>> summary = Array<std::uint64_t>::make((count + 63) / 64);
  if (!summary) return summary.error();
  Result<Array<Wanted>> wanted = Array<Wanted>::make(limits.distinct_max);
  if (!wanted) return wanted.error();
  const bool may_cut = limits.distinct_max > limits.wanted_max;
  Result<Array<std::uint32_t>> scratch =
      Array<std::uint32_t>::make(may_cut ? limits.distinct_max : 0);
  if (!scratch) return scratch.error();
  Result<Array<ContainerId>> dropped = Array<ContainerId>::make(limits.dropped_max);
  if (!dropped) return dropped.error();

  WantedMerge merge;
  merge.limits_ = limits;
  merge.words_ = std::move(*words);
  merge.wanted_before_ = std::move(*before);
  merge.summary_ = std::move(*summary);
  merge.wanted_ = std::move(*wanted);
  merge.by_urgency_ = std::move(*scratch);
  merge.dropped_ = std::move(*dropped);
  return merge;
}

void WantedMerge::take_over(const WantedMerge& other) {
  std::copy(other.words_.begin(), other.words_.end(), words_.begin());
  std::copy(other.summary_.begin(), other.summary_.end(), summary_.begin());
}

// Ascending over the words that have a mark, or had one before.
template <class Work>
void WantedMerge::for_each_word(Work work) {
  for (std::size_t i = 0; i < summary_.size(); ++i) {
    for (std::uint64_t rest = summary_[i]; rest != 0; rest &= rest - 1) {
      work(i * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
    }
  }
}

void WantedMerge::clear() {
  for_each_word([this](std::size_t at) {
    wanted_before_[at] = words_[at].wanted;
    words_[at] = Word{};
    if (wanted_before_[at] == 0) summary_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
  });
  count_ = cut_count_ = dropped_count_ = dropped_more_ = 0;
}

void WantedMerge::number(const Settled& settled) {
  std::uint32_t wanted = 0;
  for_each_word([&](std::size_t at) { wanted += count_bits(words_[at].wanted); });
  // What is cut cannot be chosen without knowing all of it.
  tells_all_ = settled.containers.empty() || wanted > limits_.wanted_max;
  NF_ASSERT(tells_all_ || settled.containers.size() >= words_.size());
  for_each_word([&](std::size_t at) {
    Word& word = words_[at];
    word.told = word.wanted;
    if (!tells_all_) {
      const std::uint64_t stands = settled.containers[at] & ~(settled.inside[at] ^ word.inside);
      word.told &= ~stands | word.stirred;
    }
    word.first = count_;
    for (std::uint64_t rest = word.told; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
      NF_ASSERT(count_ < wanted_.size());
      wanted_[count_++] = {.id = ContainerId{static_cast<std::uint32_t>(at * 64 + bit)},
                           .needed_at = Time::never(),
                           .probability = 0,
                           .observers = 0,
                           .inside = false,
                           .keep_only = true};
    }
  });
}

void WantedMerge::finish() {
  if (count_ > limits_.wanted_max) cut();
}

bool WantedMerge::more_urgent(const Wanted& a, const Wanted& b) const {
  const auto need = [this](const Wanted& wanted) {
    const bool takes_place = wanted.inside && !was_wanted(wanted.id);
    const Time needed_at = wanted.inside ? Time{} : wanted.needed_at;
    return std::tuple(wanted.by_intent, wanted.keep_only, !wanted.inside, takes_place, needed_at,
                      wanted.id);
  };
  return need(a) < need(b);
}

// The order by id stands: those past the threshold are taken out of it.
void WantedMerge::cut() {
  const std::span<std::uint32_t> places = by_urgency_.span().first(count_);
  std::iota(places.begin(), places.end(), 0u);
  const auto threshold = places.begin() + static_cast<std::ptrdiff_t>(limits_.wanted_max);
  std::nth_element(
      places.begin(), threshold, places.end(),
      [this](std::uint32_t a, std::uint32_t b) { return more_urgent(wanted_[a], wanted_[b]); });
  const Wanted first_dropped = wanted_[*threshold];
  const auto is_dropped = [&](const Wanted& wanted) {
    if (more_urgent(wanted, first_dropped)) return false;
    words_[wanted.id.value / 64].wanted &= ~bit_of(wanted.id);
    if (wanted.inside) drop(wanted.id);
    return true;
  };
  const Wanted* const end = std::remove_if(wanted_.begin(), wanted_.begin() + count_, is_dropped);
  cut_count_ = count_ - limits_.wanted_max;
  count_ = static_cast<std::uint32_t>(end - wanted_.begin());
}

void WantedMerge::drop(ContainerId id) {
  if ((words_[id.value / 64].wanted & bit_of(id)) != 0) return;
  if (dropped_count_ == dropped_.size()) {
    ++dropped_more_;
  } else {
    dropped_[dropped_count_++] = id;
  }
}

DroppedInside WantedMerge::dropped_inside() {
  ContainerId* const begin = dropped_.begin();
  std::sort(begin, begin + dropped_count_);
  const ContainerId* const end = std::unique(begin, begin + dropped_count_);
  dropped_count_ = static_cast<std::uint32_t>(end - begin);
  return {.ids = dropped_.span().first(dropped_count_), .more = dropped_more_};
}

}  // namespace nf
