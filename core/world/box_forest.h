// BoxForest: many trees of boxes that come, go and move, over one pool of nodes. What a box belongs
// to is a number of the caller's, its leaf.
//
// Thread: the owner's. Allocates in `reserve` only. Pure: the same calls give the same trees.
//
// A change costs the depth of one tree, which stays within one and a half binary logarithms of its
// leaves; a query costs that and what it finds. What moves a little had better be kept in a box
// with a margin (`Fat` boxes) and changed only when it leaves that.
// Method: a dynamic bounding-volume hierarchy; a leaf goes to the sibling that adds the least
// surface (Goldsmith and Salmon, "Automatic Creation of Object Hierarchies for Ray Tracing", 1987),
// and rotations keep the heights of two siblings within one of each other (Adelson-Velsky and
// Landis, 1962), and where heights leave a choice, lessen surfaces (Kopta and others, "Fast,
// Effective BVH Updates for Animated Scenes", 2012).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"
#include "core/base/assert.h"
#include "core/world/place_index.h"

namespace nf {

class BoxForest {
 public:
  // Low is nowhere above high and nothing is a NaN: asserted. Surfaces stay finite for coordinates
  // up to 1e100; beyond, trees are still right, but no longer good.
  struct Entry {
    WorldBox box;
    float load_distance = 0;  // see IndexedPlace; neither negative nor infinite
  };

  // Makes room for leaves below `leaves` and trees below `trees`, never less than before; keeps
  // what is there. On an error nothing has changed.
  Result<void> reserve(std::uint32_t leaves, std::uint32_t trees);

  // The leaf is in no tree yet.
  void insert(std::uint32_t tree, std::uint32_t leaf, const Entry& entry);
  void remove(std::uint32_t leaf);
  // The leaf is in a tree and stays there.
  void change(std::uint32_t leaf, const Entry& entry);

  // Of a leaf that was made room for.
  bool holds(std::uint32_t leaf) const;
  std::uint32_t tree_of(std::uint32_t leaf) const;  // of one that is in a tree
  const Entry& entry(std::uint32_t leaf) const;     // likewise; until the next change

  std::uint32_t trees() const { return static_cast<std::uint32_t>(roots_.size()); }
  bool empty(std::uint32_t tree) const;
  // Around all leaves of a tree that has some, and the largest load distance among them; until the
  // next change.
  const Entry& all(std::uint32_t tree) const;

  // Calls `visit(leaf)` for each leaf whose box, widened as IndexQuery says, touches the query's.
  // `visit` changes nothing in the forest.
  template <class Visit>
  void visit(std::uint32_t tree, const IndexQuery& query, Visit visit) const;

 private:
  friend class BoxForestProbe;  // of the tests: looks at nodes

  static constexpr std::uint32_t kNone = ~0u;
  // Deeper than any tree of 2^31 leaves whose siblings differ in height by one at most.
  static constexpr std::uint32_t kDepthMax = 64;
  // A slot is a number of 32 bits, and ~0 is none.
  static constexpr std::uint32_t kLeavesMax = (1u << 31) - 1;

  // Two siblings, side by side in two cache lines, since whoever looks at one looks at both. What
  // a slot says of one of them:
  //   slot = 2 * pair + side; height 0: a leaf, `below` is the caller's number;
  //   otherwise a node, `below` is the pair of its children, and its entry is around theirs.
  // The root of a tree is side 0 of a pair that has nothing in side 1, so a tree of n leaves takes
  // n pairs.
  struct Pair {
    std::array<Entry, 2> entry;
    std::array<std::uint32_t, 2> below;
    std::uint32_t above;  // the slot whose children these are; none: the root; or next free pair
    std::array<std::uint8_t, 2> height;
  };
  static_assert(sizeof(Pair) == 128);

  struct Exchange {
    double gain = 0;  // of surface
    std::uint32_t one = kNone;
    std::uint32_t other = kNone;
  };

  static std::uint32_t pair_of(std::uint32_t slot) { return slot >> 1; }
  static std::uint32_t sibling_of(std::uint32_t slot) { return slot ^ 1; }

  const Entry& entry_at(std::uint32_t slot) const { return pairs_[slot >> 1].entry[slot & 1]; }
  Entry& entry_at(std::uint32_t slot) { return pairs_[slot >> 1].entry[slot & 1]; }
  std::uint32_t below(std::uint32_t slot) const { return pairs_[slot >> 1].below[slot & 1]; }
  std::uint32_t above(std::uint32_t slot) const { return pairs_[slot >> 1].above; }
  std::uint32_t height(std::uint32_t slot) const { return pairs_[slot >> 1].height[slot & 1]; }
  std::uint32_t child(std::uint32_t slot, std::uint32_t side) const {
    return 2 * below(slot) + side;
  }

  std::uint32_t take_pair();
  void give_back_pair(std::uint32_t pair);
  void adopt(std::uint32_t slot);
  void move_slot(std::uint32_t from, std::uint32_t to);
  void swap_slots(std::uint32_t a, std::uint32_t b);
  bool refit(std::uint32_t slot);
  void balance(std::uint32_t slot);
  void lessen_surface(std::uint32_t slot);
  void try_child(std::uint32_t low, std::uint32_t high, Exchange& best) const;
  void try_grandchildren(std::uint32_t left, std::uint32_t right, Exchange& best) const;
  void repair_from(std::uint32_t slot);
  std::uint32_t nearer_of(std::uint32_t pair, const Entry& entry) const;
  std::uint32_t find_sibling(std::uint32_t slot, const Entry& entry) const;
  void attach(std::uint32_t leaf, std::uint32_t below_slot, const Entry& entry);
  std::uint32_t detach(std::uint32_t leaf);

  Array<Pair> pairs_;
  Array<std::uint32_t> slot_of_leaf_;
  Array<std::uint32_t> tree_of_leaf_;
  Array<std::uint32_t> roots_;    // slot, by tree
  std::uint32_t pairs_used_ = 0;  // those from here on were never taken
  std::uint32_t free_ = kNone;    // pairs that were given back, linked by `above`
};

template <class Visit>
void BoxForest::visit(std::uint32_t tree, const IndexQuery& query, Visit visit) const {
  NF_ASSERT(tree < roots_.size());
  const WorldBox box = query.box;
  const double widening = std::max(0.0, static_cast<double>(query.reach_scale) - 1);
  const auto touches = [&box, widening](const Entry& entry) {
    return boxes_touch(entry.box, box, widening * static_cast<double>(entry.load_distance));
  };
  const std::uint32_t root = roots_[tree];
  if (root == kNone || !touches(entry_at(root))) return;
  if (height(root) == 0) return visit(below(root));
  // Of each pair on the way down, one side at most waits here.
  std::array<std::uint32_t, kDepthMax> waiting;
  std::uint32_t waiting_count = 0;
  std::uint32_t at = below(root);
  for (;;) {
    const Pair& pair = pairs_[at];
    std::uint32_t next = kNone;
    for (std::uint32_t side = 0; side < 2; ++side) {
      if (!touches(pair.entry[side])) continue;
      if (pair.height[side] == 0) {
        visit(pair.below[side]);
      } else if (next == kNone) {
        next = pair.below[side];
      } else {
        waiting[waiting_count++] = pair.below[side];
      }
    }
    if (next == kNone) {
      if (waiting_count == 0) return;
      next = waiting[--waiting_count];
    }
    at = next;
  }
}

}  // namespace nf
