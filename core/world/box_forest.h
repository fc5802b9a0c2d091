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
// Landis, 1962), as Box2D and Bullet do it.
#pragma once

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
  struct Entry {
    WorldBox box;
    float load_distance = 0;  // see IndexedPlace
  };

  // Makes room for leaves below `leaves` and trees below `trees`, never less than before; keeps
  // what is there. On an error nothing has changed.
  Result<void> reserve(std::uint32_t leaves, std::uint32_t trees);

  // The leaf is in no tree yet.
  void insert(std::uint32_t tree, std::uint32_t leaf, const Entry& entry);
  void remove(std::uint32_t leaf);
  // The leaf is in a tree and stays there.
  void change(std::uint32_t leaf, const Entry& entry);

  bool holds(std::uint32_t leaf) const;
  std::uint32_t tree_of(std::uint32_t leaf) const;  // of one that is in a tree
  const Entry& entry(std::uint32_t leaf) const;     // likewise

  bool empty(std::uint32_t tree) const;
  // Around all leaves of a tree that has some, and the largest load distance among them.
  const Entry& all(std::uint32_t tree) const;

  // Calls `visit(leaf)` for each leaf whose box, widened as IndexQuery says, touches the query's.
  // `visit` changes nothing in the forest.
  template <class Visit>
  void visit(std::uint32_t tree, const IndexQuery& query, Visit visit) const;

 private:
  static constexpr std::uint32_t kNone = ~0u;
  // Deeper than any tree of 2^32 leaves whose siblings differ in height by one at most.
  static constexpr std::uint32_t kDepthMax = 64;

  struct Node {
    Entry entry;
    std::uint32_t parent = kNone;
    std::uint32_t left = kNone;   // none: a leaf
    std::uint32_t right = kNone;  // of a leaf: the caller's number
    std::int32_t height = 0;
  };

  Array<Node> nodes_;
  Array<std::uint32_t> node_of_leaf_;
  Array<std::uint32_t> tree_of_leaf_;
  Array<std::uint32_t> roots_;  // by tree
  std::uint32_t free_ = kNone;  // nodes without use, linked by `parent`
};

}  // namespace nf
