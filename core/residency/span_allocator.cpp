#include "core/residency/span_allocator.h"

#include <algorithm>
#include <bit>

#include "core/base/assert.h"
#include "core/base/checked.h"

namespace nf {

Result<SpanAllocator> SpanAllocator::create(Bytes size, Bytes granule, std::uint32_t spans_max) {
  const std::uint64_t granules = granule.value == 0 ? 0 : size.value / granule.value;
  if (!std::has_single_bit(granule.value) || granules == 0 || granules >= kNone || spans_max == 0 ||
      spans_max > (1u << 30)) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  SpanAllocator made;
  made.granules_ = static_cast<std::uint32_t>(granules);
  made.granule_shift_ = static_cast<std::uint32_t>(std::countr_zero(granule.value));
  // Between any two spans that are out lies at most one free one.
  Result<Array<Block>> blocks = Array<Block>::make(std::size_t{spans_max} * 2 + 1);
  if (!blocks) return blocks.error();
  made.blocks_ = std::move(*blocks);
  for (auto& row : made.heads_) row.fill(kNone);
  for (std::size_t i = made.blocks_.size(); i-- > 0;) {
    made.blocks_[i].next_free = made.unused_;
    made.unused_ = static_cast<std::uint32_t>(i);
  }
  const std::uint32_t whole = made.new_block();
  made.blocks_[whole] = {.at = 0,
                         .size = made.granules_,
                         .before = kNone,
                         .after = kNone,
                         .previous_free = kNone,
                         .next_free = kNone,
                         .is_free = false};
  made.put_free(whole);
  return made;
}

// Sizes below 16 granules have a bin each; above, each power of two is cut into 16 bins.
SpanAllocator::Bin SpanAllocator::bin_of(std::uint32_t size) {
  if (size < kSecondLevels) return {0, size};
  const std::uint32_t top = static_cast<std::uint32_t>(std::bit_width(size)) - 1;
  return {top - kSecondBits + 1, (size >> (top - kSecondBits)) & (kSecondLevels - 1)};
}

// The first bin in which every block is at least `size` long.
SpanAllocator::Bin SpanAllocator::bin_that_fits(std::uint32_t size) {
  if (size < kSecondLevels) return {0, size};
  const std::uint32_t top = static_cast<std::uint32_t>(std::bit_width(size)) - 1;
  const std::uint64_t rounded = std::uint64_t{size} + (1u << (top - kSecondBits)) - 1;
  return rounded > UINT32_MAX ? Bin{kFirstLevels, 0} : bin_of(static_cast<std::uint32_t>(rounded));
}

std::uint32_t SpanAllocator::find_bin_head(Bin bin) const {
  if (bin.first >= kFirstLevels) return kNone;
  const std::uint32_t seconds = second_map_[bin.first] & (~0u << bin.second);
  if (seconds != 0) return heads_[bin.first][static_cast<std::uint32_t>(std::countr_zero(seconds))];
  const std::uint32_t firsts =
      bin.first + 1 >= kFirstLevels ? 0 : first_map_ & (~0u << (bin.first + 1));
  if (firsts == 0) return kNone;
  const auto first = static_cast<std::uint32_t>(std::countr_zero(firsts));
  return heads_[first][static_cast<std::uint32_t>(std::countr_zero(second_map_[first]))];
}

// The bin whose blocks straddle `size` may hold one that is long enough. A bounded look.
std::uint32_t SpanAllocator::first_fit(std::uint32_t size) const {
  const Bin bin = bin_of(size);
  std::uint32_t block = heads_[bin.first][bin.second];
  for (std::uint32_t i = 0; i < kFirstFitMax && block != kNone; ++i) {
    if (blocks_[block].size >= size) return block;
    block = blocks_[block].next_free;
  }
  return kNone;
}

void SpanAllocator::put_free(std::uint32_t block) {
  const Bin bin = bin_of(blocks_[block].size);
  std::uint32_t& head = heads_[bin.first][bin.second];
  blocks_[block].is_free = true;
  blocks_[block].previous_free = kNone;
  blocks_[block].next_free = head;
  if (head != kNone) blocks_[head].previous_free = block;
  head = block;
  first_map_ |= 1u << bin.first;
  second_map_[bin.first] |= 1u << bin.second;
}

void SpanAllocator::take_free(std::uint32_t block) {
  const Bin bin = bin_of(blocks_[block].size);
  Block& taken = blocks_[block];
  if (taken.previous_free != kNone) {
    blocks_[taken.previous_free].next_free = taken.next_free;
  } else {
    heads_[bin.first][bin.second] = taken.next_free;
  }
  if (taken.next_free != kNone) blocks_[taken.next_free].previous_free = taken.previous_free;
  taken.is_free = false;
  if (heads_[bin.first][bin.second] == kNone) {
    second_map_[bin.first] &= ~(1u << bin.second);
    if (second_map_[bin.first] == 0) first_map_ &= ~(1u << bin.first);
  }
}

std::uint32_t SpanAllocator::new_block() {
  const std::uint32_t block = unused_;
  if (block != kNone) unused_ = blocks_[block].next_free;
  return block;
}

SpanAllocator::Span SpanAllocator::allocate(std::uint64_t size) {
  const std::uint64_t granules =
      (size >> granule_shift_) + ((size & ((std::uint64_t{1} << granule_shift_) - 1)) != 0 ? 1 : 0);
  if (granules == 0 || granules > granules_) return {};
  const auto wanted = static_cast<std::uint32_t>(granules);
  std::uint32_t block = find_bin_head(bin_that_fits(wanted));
  if (block == kNone) block = first_fit(wanted);
  if (block == kNone) return {};
  if (blocks_[block].size > wanted) {
    const std::uint32_t rest = new_block();
    if (rest == kNone) return {};
    take_free(block);
    Block& front = blocks_[block];
    blocks_[rest] = {.at = front.at + wanted,
                     .size = front.size - wanted,
                     .before = block,
                     .after = front.after,
                     .previous_free = kNone,
                     .next_free = kNone,
                     .is_free = false};
    if (front.after != kNone) blocks_[front.after].before = rest;
    front.after = rest;
    front.size = wanted;
    put_free(rest);
  } else {
    take_free(block);
  }
  used_granules_ += wanted;
  return {.at = std::uint64_t{blocks_[block].at} << granule_shift_,
          .size = std::uint64_t{wanted} << granule_shift_,
          .block = block};
}

Bytes SpanAllocator::largest_free() const {
  if (first_map_ == 0) return {};
  const auto first = static_cast<std::uint32_t>(std::bit_width(first_map_)) - 1;
  const auto second = static_cast<std::uint32_t>(std::bit_width(second_map_[first])) - 1;
  std::uint32_t largest = 0;
  for (std::uint32_t block = heads_[first][second]; block != kNone;
       block = blocks_[block].next_free) {
    largest = std::max(largest, blocks_[block].size);
  }
  return {std::uint64_t{largest} << granule_shift_};
}

// Swallows the free neighbour behind `block`, if there is one.
void SpanAllocator::merge_after(std::uint32_t block) {
  const std::uint32_t next = blocks_[block].after;
  if (next == kNone || !blocks_[next].is_free) return;
  take_free(next);
  blocks_[block].size += blocks_[next].size;
  blocks_[block].after = blocks_[next].after;
  if (blocks_[next].after != kNone) blocks_[blocks_[next].after].before = block;
  blocks_[next].is_free = true;  // an unused block: freeing it again is a bug
  blocks_[next].next_free = unused_;
  unused_ = next;
}

void SpanAllocator::free(const Span& span) {
  NF_ASSERT(span.valid() && span.block < blocks_.size());
  std::uint32_t block = span.block;
  NF_ASSERT(!blocks_[block].is_free);
  NF_ASSERT(std::uint64_t{blocks_[block].at} << granule_shift_ == span.at);
  used_granules_ -= blocks_[block].size;
  merge_after(block);
  const std::uint32_t before = blocks_[block].before;
  if (before != kNone && blocks_[before].is_free) {
    take_free(before);
    blocks_[before].size += blocks_[block].size;
    blocks_[before].after = blocks_[block].after;
    if (blocks_[block].after != kNone) blocks_[blocks_[block].after].before = before;
    blocks_[block].is_free = true;  // an unused block: freeing it again is a bug
    blocks_[block].next_free = unused_;
    unused_ = block;
    block = before;
  }
  put_free(block);
}

}  // namespace nf
