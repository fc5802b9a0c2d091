// NearestSet: points from which the nearest one is taken out, again and again.
//
// A balanced k-d tree (Bentley, "Multidimensional binary search trees", 1975) whose nodes count the
// points left below them. One owner; allocates in the constructor only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/types.h>

namespace nf {

class NearestSet {
 public:
  explicit NearestSet(std::span<const WorldPosition> points);

  std::size_t left() const { return nodes_.empty() ? 0 : nodes_[0].left; }
  // Index of the nearest point still there, ties to the lower index; take it out as well. Not
  // called on an empty set.
  std::uint32_t take_nearest(WorldPosition from);

 private:
  struct Node {  // of points_[first, last); children follow the middle split
    WorldPosition low, high;
    std::uint32_t first = 0, last = 0;
    std::uint32_t left = 0;
    std::uint32_t child[2] = {0, 0};  // 0: a leaf
  };
  struct Best {
    double squared;
    std::uint32_t index;
  };

  std::uint32_t build(std::uint32_t first, std::uint32_t last);
  void search(std::uint32_t node, WorldPosition from, Best& best) const;
  void remove(std::uint32_t node, std::uint32_t index);

  std::span<const WorldPosition> points_;
  std::vector<std::uint32_t> order_;  // indices of points, grouped by leaf
  std::vector<std::uint32_t> slot_;   // where a point is in order_
  std::vector<bool> taken_;
  std::vector<Node> nodes_;
};

}  // namespace nf
