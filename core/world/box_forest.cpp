#include "core/world/box_forest.h"

#include <cmath>
#include <limits>
#include <utility>

#include "core/world/vector_math.h"

namespace nf {
namespace {

using Entry = BoxForest::Entry;

Entry around(const Entry& a, const Entry& b) {
  return {.box = box_around(a.box, b.box),
          .load_distance = std::max(a.load_distance, b.load_distance)};
}

bool same(const Entry& a, const Entry& b) {
  return a.box.low.x == b.box.low.x && a.box.low.y == b.box.low.y && a.box.low.z == b.box.low.z &&
         a.box.high.x == b.box.high.x && a.box.high.y == b.box.high.y &&
         a.box.high.z == b.box.high.z && a.load_distance == b.load_distance;
}

bool valid(const Entry& entry) {
  return entry.box.low.x <= entry.box.high.x && entry.box.low.y <= entry.box.high.y &&
         entry.box.low.z <= entry.box.high.z && entry.load_distance >= 0 &&
         entry.load_distance <= std::numeric_limits<float>::max();
}

// Half of the surface, and a thousandth of the sides' sum squared, so that boxes on one line, which
// have no surface, still differ by how long they are. Squares of 1e100 m are far from the end of
// double; in float they would end at 1e19 m.
double surface(const WorldBox& box) {
  const WorldVector side = box.high - box.low;
  const double sum = side.x + side.y + side.z;
  return side.x * side.y + side.y * side.z + side.z * side.x + sum * sum * 0x1p-10;
}

double surface_around(const Entry& a, const Entry& b) {
  return surface(around(a, b).box);
}

// Twice the sum of what they differ by on the axes. Of differences, so that it stays exact far
// away.
double distance_of_middles(const WorldBox& a, const WorldBox& b) {
  const WorldVector twice = (a.low - b.low) + (a.high - b.high);
  return std::abs(twice.x) + std::abs(twice.y) + std::abs(twice.z);
}

// A copy with room for at least `count`.
template <class T>
Result<Array<T>> grown(const Array<T>& array, std::size_t count) {
  Result<Array<T>> copy = Array<T>::make(std::max(count, array.size()));
  if (copy) std::copy_n(array.begin(), array.size(), copy->begin());
  return copy;
}

}  // namespace

Result<void> BoxForest::reserve(std::uint32_t leaves, std::uint32_t trees) {
  if (leaves > kLeavesMax) return Error{.code = ErrorCode::limit_exceeded, .at = leaves};
  if (leaves <= slot_of_leaf_.size() && trees <= roots_.size()) return {};
  Result<Array<Pair>> pairs = grown(pairs_, leaves);
  if (!pairs) return pairs.error();
  Result<Array<std::uint32_t>> slots = grown(slot_of_leaf_, leaves);
  if (!slots) return slots.error();
  Result<Array<std::uint32_t>> trees_of = grown(tree_of_leaf_, leaves);
  if (!trees_of) return trees_of.error();
  Result<Array<std::uint32_t>> roots = grown(roots_, trees);
  if (!roots) return roots.error();
  std::fill(slots->begin() + slot_of_leaf_.size(), slots->end(), kNone);
  std::fill(roots->begin() + roots_.size(), roots->end(), kNone);
  pairs_ = std::move(*pairs);
  slot_of_leaf_ = std::move(*slots);
  tree_of_leaf_ = std::move(*trees_of);
  roots_ = std::move(*roots);
  return {};
}

void BoxForest::insert(std::uint32_t tree, std::uint32_t leaf, const Entry& entry) {
  NF_ASSERT(tree < roots_.size() && !holds(leaf) && valid(entry));
  tree_of_leaf_[leaf] = tree;
  if (roots_[tree] != kNone) return attach(leaf, roots_[tree], entry);
  const std::uint32_t pair = take_pair();
  const std::uint32_t root = 2 * pair;
  pairs_[pair].above = kNone;
  pairs_[pair].below[0] = leaf;
  pairs_[pair].height[0] = 0;
  entry_at(root) = entry;
  roots_[tree] = root;
  slot_of_leaf_[leaf] = root;
}

void BoxForest::remove(std::uint32_t leaf) {
  NF_ASSERT(holds(leaf));
  const std::uint32_t slot = slot_of_leaf_[leaf];
  if (above(slot) == kNone) {
    roots_[tree_of_leaf_[leaf]] = kNone;
    slot_of_leaf_[leaf] = kNone;
    give_back_pair(pair_of(slot));
    return;
  }
  detach(leaf);
}

// One that stays within its parent's box stays where it is. Otherwise it is taken out and put in
// again: below a node not far above that encloses it, so that a short way costs little, or from the
// root, since a node far above encloses nearly everything and says nothing of where it belongs.
void BoxForest::change(std::uint32_t leaf, const Entry& entry) {
  constexpr int kNear = 4;
  NF_ASSERT(holds(leaf) && valid(entry));
  const std::uint32_t slot = slot_of_leaf_[leaf];
  const std::uint32_t parent = above(slot);
  if (parent == kNone || encloses(entry_at(parent).box, entry.box)) {
    entry_at(slot) = entry;
    if (parent != kNone) repair_from(parent);
    return;
  }
  const Entry copy = entry;  // it may be one of ours
  std::uint32_t within = detach(leaf);
  for (int i = 0; i < kNear && !encloses(entry_at(within).box, copy.box); ++i) {
    if (above(within) == kNone) break;
    within = above(within);
  }
  const bool near = encloses(entry_at(within).box, copy.box);
  attach(leaf, near ? within : roots_[tree_of_leaf_[leaf]], copy);
}

bool BoxForest::holds(std::uint32_t leaf) const {
  NF_ASSERT(leaf < slot_of_leaf_.size());
  return slot_of_leaf_[leaf] != kNone;
}

std::uint32_t BoxForest::tree_of(std::uint32_t leaf) const {
  NF_ASSERT(holds(leaf));
  return tree_of_leaf_[leaf];
}

const BoxForest::Entry& BoxForest::entry(std::uint32_t leaf) const {
  NF_ASSERT(holds(leaf));
  return entry_at(slot_of_leaf_[leaf]);
}

bool BoxForest::empty(std::uint32_t tree) const {
  NF_ASSERT(tree < roots_.size());
  return roots_[tree] == kNone;
}

const BoxForest::Entry& BoxForest::all(std::uint32_t tree) const {
  NF_ASSERT(!empty(tree));
  return entry_at(roots_[tree]);
}

// There are as many pairs as leaves, and a tree takes one for each of its own: there is always one.
std::uint32_t BoxForest::take_pair() {
  if (free_ == kNone) {
    NF_ASSERT(pairs_used_ < pairs_.size());
    return pairs_used_++;
  }
  const std::uint32_t pair = free_;
  free_ = pairs_[pair].above;
  return pair;
}

void BoxForest::give_back_pair(std::uint32_t pair) {
  pairs_[pair].above = free_;
  free_ = pair;
}

// What is below the slot learns where it hangs.
void BoxForest::adopt(std::uint32_t slot) {
  if (height(slot) == 0) {
    slot_of_leaf_[below(slot)] = slot;
  } else {
    pairs_[below(slot)].above = slot;
  }
}

void BoxForest::move_slot(std::uint32_t from, std::uint32_t to) {
  const Pair& source = pairs_[pair_of(from)];
  Pair& target = pairs_[pair_of(to)];
  target.entry[to & 1] = source.entry[from & 1];
  target.below[to & 1] = source.below[from & 1];
  target.height[to & 1] = source.height[from & 1];
  adopt(to);
}

void BoxForest::swap_slots(std::uint32_t a, std::uint32_t b) {
  Pair& first = pairs_[pair_of(a)];
  Pair& second = pairs_[pair_of(b)];
  std::swap(first.entry[a & 1], second.entry[b & 1]);
  std::swap(first.below[a & 1], second.below[b & 1]);
  std::swap(first.height[a & 1], second.height[b & 1]);
  adopt(a);
  adopt(b);
}

// Makes a node's entry and height those of its children; true if that changed anything.
bool BoxForest::refit(std::uint32_t slot) {
  const Pair& children = pairs_[below(slot)];
  const Entry entry = around(children.entry[0], children.entry[1]);
  const int higher = std::max(children.height[0], children.height[1]) + 1;
  const auto height_now = static_cast<std::uint8_t>(higher);
  Pair& pair = pairs_[pair_of(slot)];
  if (pair.height[slot & 1] == height_now && same(pair.entry[slot & 1], entry)) return false;
  pair.entry[slot & 1] = entry;
  pair.height[slot & 1] = height_now;
  return true;
}

// Where one child is two higher than the other, the lower one changes places with the higher one's
// higher child; of two that are as high, with the one whose sibling it goes with best. Boxes are in
// no order, so that one exchange is enough.
void BoxForest::balance(std::uint32_t slot) {
  const std::uint32_t left = child(slot, 0);
  const std::uint32_t right = child(slot, 1);
  const std::uint32_t high = height(left) > height(right) ? left : right;
  const std::uint32_t low = sibling_of(high);
  if (height(high) < height(low) + 2) return;
  const std::uint32_t first = child(high, 0);
  const std::uint32_t second = child(high, 1);
  std::uint32_t up = height(first) > height(second) ? first : second;
  if (height(first) == height(second)) {
    const bool with_second = surface_around(entry_at(low), entry_at(second)) <=
                             surface_around(entry_at(low), entry_at(first));
    up = with_second ? first : second;
  }
  swap_slots(low, up);
  refit(high);
}

// The two subtrees of equal height, one on either side of `slot`, whose exchange makes the surfaces
// of its children smallest change places: no height changes by that.
void BoxForest::lessen_surface(std::uint32_t slot) {
  const std::uint32_t left = child(slot, 0);
  const std::uint32_t right = child(slot, 1);
  Exchange best;
  if (height(left) > height(right)) {
    try_child(right, left, best);
  } else if (height(right) > height(left)) {
    try_child(left, right, best);
  }
  if (height(left) > 0 && height(right) > 0) try_grandchildren(left, right, best);
  if (best.gain <= 0) return;
  swap_slots(best.one, best.other);
  if (height(left) > 0) refit(left);
  if (height(right) > 0) refit(right);
}

// A child of `slot` and one of its higher sibling's children.
void BoxForest::try_child(std::uint32_t low, std::uint32_t high, Exchange& best) const {
  const double before = surface(entry_at(high).box);
  for (std::uint32_t side = 0; side < 2; ++side) {
    const std::uint32_t risen = child(high, side);
    if (height(risen) != height(low)) continue;
    const double gain = before - surface_around(entry_at(low), entry_at(sibling_of(risen)));
    if (gain > best.gain) best = {.gain = gain, .one = low, .other = risen};
  }
}

// A child of the one and a child of the other.
void BoxForest::try_grandchildren(std::uint32_t left, std::uint32_t right, Exchange& best) const {
  const double before = surface(entry_at(left).box) + surface(entry_at(right).box);
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::uint32_t one = child(left, i & 1);
    const std::uint32_t other = child(right, i >> 1);
    if (height(one) != height(other)) continue;
    const double after = surface_around(entry_at(other), entry_at(sibling_of(one))) +
                         surface_around(entry_at(one), entry_at(sibling_of(other)));
    if (before - after > best.gain) best = {.gain = before - after, .one = one, .other = other};
  }
}

// From a node whose children changed up to the first that is as it was.
void BoxForest::repair_from(std::uint32_t slot) {
  for (; slot != kNone; slot = above(slot)) {
    balance(slot);
    if (!refit(slot)) return;
    lessen_surface(slot);
  }
}

// Which of two siblings a new leaf goes below: the one it adds less surface to; if to neither,
// because both enclose it, the one whose middle is nearer; if that is equal, too, side 0.
std::uint32_t BoxForest::nearer_of(std::uint32_t pair, const Entry& entry) const {
  std::array<double, 2> added;
  for (std::uint32_t side = 0; side < 2; ++side) {
    const Entry& candidate = pairs_[pair].entry[side];
    added[side] = surface_around(candidate, entry);
    // Beside a leaf there will be a node that is not there yet.
    if (pairs_[pair].height[side] > 0) added[side] -= surface(candidate.box);
  }
  if (added[0] != added[1]) return added[1] < added[0] ? 1 : 0;
  return distance_of_middles(pairs_[pair].entry[1].box, entry.box) <
                 distance_of_middles(pairs_[pair].entry[0].box, entry.box)
             ? 1
             : 0;
}

// The slot of a leaf, or of a node of height 1, that the entry goes beside: only there is a new
// leaf within one of its sibling's height.
std::uint32_t BoxForest::find_sibling(std::uint32_t slot, const Entry& entry) const {
  while (height(slot) > 1) slot = child(slot, nearer_of(below(slot), entry));
  if (height(slot) == 0) return slot;
  const double beside = surface(entry_at(slot).box);
  const double with_first = surface_around(entry_at(child(slot, 0)), entry);
  const double with_second = surface_around(entry_at(child(slot, 1)), entry);
  if (beside <= std::min(with_first, with_second)) return slot;
  return child(slot, with_second < with_first ? 1 : 0);
}

// Puts the leaf below `within`, or beside it if that is a leaf itself. What was in the sibling's
// slot and the new leaf become a pair, and the slot the node above them.
void BoxForest::attach(std::uint32_t leaf, std::uint32_t within, const Entry& entry) {
  const std::uint32_t slot = find_sibling(within, entry);
  const std::uint32_t pair = take_pair();
  move_slot(slot, 2 * pair);
  Pair& children = pairs_[pair];
  children.entry[1] = entry;
  children.below[1] = leaf;
  children.height[1] = 0;
  children.above = slot;
  slot_of_leaf_[leaf] = 2 * pair + 1;
  pairs_[pair_of(slot)].below[slot & 1] = pair;
  repair_from(slot);
}

// Takes a leaf that has a sibling out of its tree; the sibling takes their parent's place, which is
// returned: still a slot of the tree when the rest is repaired, whatever is in it then.
std::uint32_t BoxForest::detach(std::uint32_t leaf) {
  const std::uint32_t slot = slot_of_leaf_[leaf];
  const std::uint32_t parent = above(slot);
  move_slot(sibling_of(slot), parent);
  give_back_pair(pair_of(slot));
  slot_of_leaf_[leaf] = kNone;
  if (above(parent) != kNone) repair_from(above(parent));
  return parent;
}

}  // namespace nf
