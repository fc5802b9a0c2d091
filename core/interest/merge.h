// WantedMerge: many observers' lists into one, ascending by container, each container once.
//
// Thread: the owner's. Allocates in `make` only. A bit for each container is set in a first pass;
// counting the bits before one gives its place in the answer, so nothing is sorted. A summary bit
// for each 64 words keeps the cost to what is wanted, and to what the summary itself is: a frame
// with 20 wanted takes 0.2, 0.4, 1.0 and 3.4 us with 0.1, 1, 4 and 16 million ids. Another level
// makes that 0.2 us throughout, but costs a crowd of 1,000 some 6 us for what it marks.
//
// Nearly all that a crowd wants was wanted before and is in memory. Of that the first pass alone
// says whether anything is to be told; the second one fills in the rest.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/interest/wanted.h"

namespace nf {

struct MergeLimits {
  std::uint32_t containers = 0;      // ids are below
  std::uint32_t distinct_max = 0;    // containers on all lists together
  std::uint32_t wanted_max = 0;      // in the answer; the most urgent stay
  std::uint32_t dropped_max = 4096;  // of what is inside and not in the answer: named
};

class WantedMerge {
 public:
  static Result<WantedMerge> make(const MergeLimits& limits);

  // Remembers what that one answered last; it has no more room than this.
  void take_over(const WantedMerge& other);

  // In this order, once a frame: clear; mark every id; number; add every id; finish.
  void clear();
  void mark(ContainerId id, bool inside) {
    const std::uint32_t at = id.value / 64;
    const std::uint32_t bit = id.value % 64;
    words_[at].wanted |= std::uint64_t{1} << bit;
    words_[at].inside |= std::uint64_t{inside} << bit;
    summary_[at / 64] |= std::uint64_t{1} << (at % 64);
  }
  // Somebody is inside of it whose list has no room for it: if another list has, it is wanted all
  // the same. After every `mark`.
  void mark_dropped(ContainerId id) {
    Word& word = words_[id.value / 64];
    word.inside |= word.wanted & bit_of(id);
  }
  // It is told of, settled or not. After `mark`.
  void stir(ContainerId id) { words_[id.value / 64].stirred |= bit_of(id); }
  // Of what is settled only what changed sides is told; of all, if nothing is.
  void number(const Settled& settled);
  bool tells_any() const { return count_ > 0; }
  // Where it is told of; none if it is not.
  Wanted* find(ContainerId id) {
    const Word& word = words_[id.value / 64];
    if ((word.told & bit_of(id)) == 0) return nullptr;
    return &wanted_[word.first + count_bits(word.told & (bit_of(id) - 1))];
  }
  // Cuts to wanted_max. Of what somebody is inside of, what was in the answer before stays: when
  // its list was made says nothing about its need.
  void finish();
  // As it was finished, and whether that is all of it: nothing left out because it is settled.
  std::span<const Wanted> wanted() const { return wanted_.span().first(count_); }
  bool tells_all() const { return tells_all_; }
  std::uint32_t cut_count() const { return cut_count_; }  // what that dropped

  // After `finish`: somebody is inside of it, and no list has room for it. Nothing if some list
  // has.
  void drop(ContainerId id);
  void drop_unnamed(std::uint32_t count) { dropped_more_ += count; }
  // Of these, and of what was cut.
  DroppedInside dropped_inside();

  // As of `finish`: a bit for each of 64 containers, whether it is wanted, told of or not.
  std::uint64_t wanted_word(std::size_t at) const { return words_[at].wanted; }

 private:
  // Of 64 containers, a bit each.
  struct Word {
    std::uint64_t wanted;
    std::uint64_t inside;
    std::uint64_t stirred;
    std::uint64_t told;
    std::uint32_t first;  // place in wanted_ of the first that is told of
  };

  static constexpr std::uint64_t bit_of(ContainerId id) {
    return std::uint64_t{1} << (id.value % 64);
  }
  // Adds neighbours in parallel (Warren, "Hacker's Delight", 2002): without an instruction set
  // newer than the first x86-64, std::popcount is a call.
  static constexpr std::uint32_t count_bits(std::uint64_t bits) {
    bits -= (bits >> 1) & 0x5555'5555'5555'5555ull;
    bits = (bits & 0x3333'3333'3333'3333ull) + ((bits >> 2) & 0x3333'3333'3333'3333ull);
    bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0Full;
    return static_cast<std::uint32_t>((bits * 0x0101'0101'0101'0101ull) >> 56);
  }
  template <class Work>
  void for_each_word(Work work);
  bool was_wanted(ContainerId id) const {
    return (wanted_before_[id.value / 64] & bit_of(id)) != 0;
  }
  bool more_urgent(const Wanted& a, const Wanted& b) const;
  void cut();

  MergeLimits limits_;
  Array<Word> words_;
  Array<std::uint64_t> wanted_before_;  // by word; in the answer before this one
  Array<std::uint64_t> summary_;        // a bit a word that has any, or had before
  Array<Wanted> wanted_;
  Array<std::uint32_t> by_urgency_;  // places in wanted_; scratch of `cut`
  Array<ContainerId> dropped_;       // inside, and not in the answer
  std::uint32_t count_ = 0;
  std::uint32_t cut_count_ = 0;
  std::uint32_t dropped_count_ = 0;
  std::uint32_t dropped_more_ = 0;
  bool tells_all_ = false;
};

}  // namespace nf
