#include "core/world/place_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <utility>

#include "core/base/assert.h"
#include "core/base/radix_sort.h"

namespace nf {
namespace {

// ---- the word of a place: its id, and below that where its reach is in the box of its leaf ----
//
// Six sides of six bits: how far the high sides are from the low end of the leaf, in 63rds of it,
// and the low sides from its high end. So all six are at least as large as a query asks, if the two
// touch. Every second side is compared at once, by a subtraction that borrows from a guard bit
// above the side, where the next one was.

constexpr std::uint32_t kSideBits = 6;
constexpr std::uint32_t kIdShift = 6 * kSideBits;
constexpr double kSideMax = 63;
constexpr std::uint64_t kEverySecond = 0x3F03F03F;
constexpr std::uint64_t kGuards = 0x40040040;
// Above what the reckoning of a side can be wrong by.
constexpr double kSideSlack = 1e-6;

// High sides and low sides, each as a word of every second side has them.
struct Sides {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// How many 63rds of the leaf go to a metre; 0 where it has no width, or next to none.
double sides_per_metre(double width) {
  const double per_metre = kSideMax / width;
  return std::isfinite(per_metre) ? per_metre : 0;
}

// Rounded down, and to 0 what is no number.
std::uint64_t side_below(double side) {
  side -= kSideSlack;
  return side > 0 ? static_cast<std::uint64_t>(std::min(side, kSideMax)) : 0;
}

std::uint64_t side_above(double side) {
  return static_cast<std::uint64_t>(kSideMax) - side_below(kSideMax - side);
}

std::uint64_t every_second(std::uint64_t x, std::uint64_t y, std::uint64_t z) {
  return x | y << (2 * kSideBits) | z << (4 * kSideBits);
}

// `high` and `low` are metres from the low and the high end of the leaf.
template <class Round>
Sides sides_in(const WorldBox& leaf, WorldVector high, WorldVector low, Round round) {
  const WorldVector width = leaf.high - leaf.low;
  const double x = sides_per_metre(width.x);
  const double y = sides_per_metre(width.y);
  const double z = sides_per_metre(width.z);
  return {.high = every_second(round(high.x * x), round(high.y * y), round(high.z * z)),
          .low = every_second(round(low.x * x), round(low.y * y), round(low.z * z))};
}

// Rounded so that no place is smaller than it is.
std::uint64_t word_of(const IndexedPlace& place, const WorldBox& leaf) {
  const Sides sides =
      sides_in(leaf, place.reach.high - leaf.low, leaf.high - place.reach.low, side_above);
  return std::uint64_t{place.id.value} << kIdShift | sides.low << kSideBits | sides.high;
}

// What the sides of a place have to be at least, to touch `box` made wider by `margin`.
Sides asked_of(const WorldBox& box, double margin, const WorldBox& leaf) {
  const WorldVector wider{margin, margin, margin};
  return sides_in(leaf, box.low - leaf.low - wider, leaf.high - box.high - wider, side_below);
}

bool reaches(std::uint64_t word, const Sides& asked) {
  const std::uint64_t high = ((word & kEverySecond) | kGuards) - asked.high;
  const std::uint64_t low = ((word >> kSideBits & kEverySecond) | kGuards) - asked.low;
  return (high & low & kGuards) == kGuards;
}

// ---- building ----

// Of a cube that holds the middles of all places, in 2^21 steps a side.
constexpr int kCodeBits = 21;
constexpr double kCodeSteps = 1 << kCodeBits;
// Middles that are nearer to each other than this lie in one place.
constexpr double kApartMin = 1e-9;
// A place larger than this part of its cell stays apart, if few are: a planet among its rooms would
// make every node above its leaf as large as the planet.
constexpr double kLargeOfCell = 0.5;
constexpr std::size_t kFewOf = 4;
constexpr std::size_t kRadixFrom = 512;  // fewer are sorted by comparing

struct CodedPlace {
  std::uint64_t code = 0;
  std::uint32_t at = 0;  // in the list that the index is built from
  float size = 0;        // widest side of its reach
};

template <class T>
Array<T> make_array(std::size_t count) {
  Result<Array<T>> made = Array<T>::make(count);
  NF_ASSERT(made.has_value());
  return std::move(*made);
}

// Halves, so that the sum of two coordinates near the top of double does not overflow.
WorldPosition middle(const WorldBox& box) {
  return {box.low.x / 2 + box.high.x / 2, box.low.y / 2 + box.high.y / 2,
          box.low.z / 2 + box.high.z / 2};
}

// Two zero bits behind each of the low 21 (Raman and Wise, "Converting to and from Dilated
// Integers", 2008).
std::uint64_t dilated(std::uint64_t bits) {
  bits = (bits | bits << 32) & 0x001F'0000'0000'FFFFull;
  bits = (bits | bits << 16) & 0x001F'0000'FF00'00FFull;
  bits = (bits | bits << 8) & 0x100F'00F0'0F00'F00Full;
  bits = (bits | bits << 4) & 0x10C3'0C30'C30C'30C3ull;
  return (bits | bits << 2) & 0x1249'2492'4924'9249ull;
}

struct Cube {
  WorldPosition low;
  double side = 0;

  std::uint64_t code_of(WorldPosition at) const {
    const auto step = [this](double from_low) {
      return dilated(static_cast<std::uint64_t>(
          std::clamp(from_low * (kCodeSteps / side), 0.0, kCodeSteps - 1)));
    };
    return step(at.x - low.x) | step(at.y - low.y) << 1 | step(at.z - low.z) << 2;
  }
};

}  // namespace

class PlaceIndexBuilder {
 public:
  PlaceIndexBuilder(std::span<const IndexedPlace> places, PlaceIndex& index)
      : places_(places),
        order_(make_array<CodedPlace>(places.size())),
        scratch_(make_array<CodedPlace>(places.size())),
        index_(index) {}

  void build();

 private:
  using Node = PlaceIndex::Node;

  // A run of places in `order_`, all of them in one cell of `side` metres at most.
  struct Run {
    std::size_t first = 0;
    std::size_t count = 0;
    double cube_side = 0;  // of the cube that the codes are of
    double size_max = 0;   // nothing in it is larger
  };

  std::span<CodedPlace> coded(const Run& run) {
    return order_.span().subspan(run.first, run.count);
  }
  void encode(Run& run);
  double cell_side(const Run& run);
  std::size_t split_off_large(const Run& run, double large_from, double& rest_max);
  std::size_t split(Run& run, double& rest_max);
  void build_node(Run run);
  void fill_leaf(Node& node, const Run& run);
  std::uint32_t push_node();

  std::span<const IndexedPlace> places_;
  Array<CodedPlace> order_;
  Array<CodedPlace> scratch_;
  PlaceIndex& index_;
};

// Orders a run by the codes that its middles have in the smallest cube around them. Leaves the side
// of the cube at 0 if all are in one place.
void PlaceIndexBuilder::encode(Run& run) {
  const std::span<CodedPlace> places = coded(run);
  const WorldPosition start = middle(places_[places[0].at].reach);
  WorldBox middles{start, start};
  for (const CodedPlace& place : places) {
    const WorldPosition at = middle(places_[place.at].reach);
    middles = box_around(middles, {at, at});
  }
  const double side = widest_side(middles);
  run.cube_side = side > kApartMin ? side : 0;
  if (run.cube_side == 0) return;
  const Cube cube{.low = middles.low, .side = side};
  for (CodedPlace& place : places) place.code = cube.code_of(middle(places_[place.at].reach));
  if (places.size() >= kRadixFrom) {
    radix_sort(places, scratch_.span(), [](const CodedPlace& place) { return place.code; });
  } else {
    std::sort(places.begin(), places.end(), [](const CodedPlace& a, const CodedPlace& b) {
      return a.code != b.code ? a.code < b.code : a.at < b.at;
    });
  }
}

// Of the smallest cell of its cube that the whole run is in.
double PlaceIndexBuilder::cell_side(const Run& run) {
  const std::span<const CodedPlace> places = coded(run);
  const std::uint64_t changes = places.front().code ^ places.back().code;
  return std::ldexp(run.cube_side, (66 - std::countl_zero(changes)) / 3 - kCodeBits);
}

// The large ones come first, in the order they had, and so do the others behind them; `rest_max` is
// the size of the largest of those. 0 if there are none, or not few.
std::size_t PlaceIndexBuilder::split_off_large(const Run& run, double large_from,
                                               double& rest_max) {
  const std::span<CodedPlace> places = coded(run);
  const auto is_large = [large_from](const CodedPlace& place) {
    return static_cast<double>(place.size) > large_from;
  };
  std::size_t large = 0;
  float largest = 0;
  for (const CodedPlace& place : places) {
    if (!is_large(place)) {
      largest = std::max(largest, place.size);
    } else if (++large > places.size() / kFewOf) {
      return 0;
    }
  }
  rest_max = static_cast<double>(largest);
  if (large == 0) return 0;
  std::size_t aside = large;
  std::size_t to = places.size();
  for (std::size_t from = places.size(); from-- > 0;) {
    (is_large(places[from]) ? scratch_[--aside] : places[--to]) = places[from];
  }
  std::copy_n(scratch_.begin(), large, places.begin());
  return large;
}

// How many go to the first child; `rest_max` is the size of the largest among the others.
std::size_t PlaceIndexBuilder::split(Run& run, double& rest_max) {
  const std::span<CodedPlace> places = coded(run);
  if (places.front().code == places.back().code) encode(run);
  if (run.cube_side == 0) return run.count / 2;
  const double large_from = cell_side(run) * kLargeOfCell;
  if (run.size_max > large_from) {
    if (const std::size_t large = split_off_large(run, large_from, rest_max); large > 0) {
      return large;
    }
    run.size_max = rest_max;
  }
  const std::uint64_t bit = std::bit_floor(places.front().code ^ places.back().code);
  const auto second =
      std::partition_point(places.begin(), places.end(),
                           [bit](const CodedPlace& place) { return (place.code & bit) == 0; });
  return static_cast<std::size_t>(second - places.begin());
}

std::uint32_t PlaceIndexBuilder::push_node() {
  Array<Node>& nodes = index_.nodes_;
  if (index_.node_count_ == nodes.size()) {
    Array<Node> more = make_array<Node>(nodes.size() + nodes.size() / 2 + 1);
    std::copy(nodes.begin(), nodes.end(), more.begin());
    nodes = std::move(more);
  }
  return index_.node_count_++;
}

void PlaceIndexBuilder::fill_leaf(Node& node, const Run& run) {
  const std::span<const CodedPlace> places = coded(run);
  node.first_place = static_cast<std::uint32_t>(run.first);
  node.leaf_count = static_cast<std::uint32_t>(run.count);
  node.box = places_[places[0].at].reach;
  for (const CodedPlace& coded_place : places) {
    const IndexedPlace& place = places_[coded_place.at];
    node.box = box_around(node.box, place.reach);
    node.load_distance_max = std::max(node.load_distance_max, place.load_distance);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    const IndexedPlace& place = places_[places[i].at];
    index_.leaves_[run.first + i] = word_of(place, node.box);
  }
}

// Each bit of the codes splits a run once, encoding anew makes its cube 2^21 times smaller, down to
// kApartMin, taking off the large ones leaves a quarter, and what lies in one place is halved: the
// recursion is some hundreds deep at the worst, and as deep as a few logarithms as a rule.
void PlaceIndexBuilder::build_node(Run run) {
  const std::uint32_t at = push_node();
  Node node;
  if (run.count <= PlaceIndex::kLeafPlacesMax) {
    fill_leaf(node, run);
  } else {
    double rest_max = run.size_max;
    const std::size_t first_count = split(run, rest_max);
    Run child = run;
    child.count = first_count;
    build_node(child);
    const std::uint32_t second = index_.node_count_;
    child.first += first_count;
    child.count = run.count - first_count;
    child.size_max = rest_max;
    build_node(child);
    const Node& a = index_.nodes_[at + 1];
    const Node& b = index_.nodes_[second];
    node.box = box_around(a.box, b.box);
    node.load_distance_max = std::max(a.load_distance_max, b.load_distance_max);
  }
  node.skip = index_.node_count_;
  index_.nodes_[at] = node;
}

void PlaceIndexBuilder::build() {
  Run all{.first = 0, .count = places_.size(), .cube_side = 0, .size_max = 0};
  for (std::size_t i = 0; i < places_.size(); ++i) {
    NF_ASSERT(places_[i].id.value < PlaceIndex::kIdsMax);
    const auto size = static_cast<float>(widest_side(places_[i].reach));
    order_[i] = {.code = 0, .at = static_cast<std::uint32_t>(i), .size = size};
    all.size_max = std::max(all.size_max, static_cast<double>(size));
  }
  index_.leaves_ = make_array<std::uint64_t>(places_.size());
  index_.nodes_ = make_array<Node>(places_.size() / 8 + 1);
  index_.node_count_ = 0;
  build_node(all);
  Array<Node> nodes = make_array<Node>(index_.node_count_);
  std::copy_n(index_.nodes_.begin(), nodes.size(), nodes.begin());
  index_.nodes_ = std::move(nodes);
}

void PlaceIndex::build(std::span<const IndexedPlace> places) {
  NF_ASSERT(places.size() < kIdsMax);
  *this = PlaceIndex();
  if (!places.empty()) PlaceIndexBuilder(places, *this).build();
}

// ---- asking ----

double PlaceIndex::radius() const {
  return node_count_ == 0 ? 0 : farthest_corner(nodes_[0].box);
}

std::size_t PlaceIndex::find(const WorldBox& box, std::span<ContainerId> found) const {
  std::size_t cursor = 0;
  return find({.box = box}, found, cursor);
}

// The cursor is the node that was being read when `found` was full, and how far into its leaf: the
// one times kLeafSlots, plus the other.
std::size_t PlaceIndex::find(const IndexQuery& query, std::span<ContainerId> found,
                             std::size_t& cursor) const {
  constexpr std::size_t kLeafSlots = kLeafPlacesMax + 1;
  if (found.empty()) return 0;
  const double widening = std::max(0.0, static_cast<double>(query.reach_scale) - 1);
  std::size_t count = 0;
  std::size_t at = cursor / kLeafSlots;
  std::size_t within = cursor % kLeafSlots;
  while (at < node_count_) {
    const Node& node = nodes_[at];
    const double margin = widening * static_cast<double>(node.load_distance_max);
    if (!boxes_touch(node.box, query.box, margin)) {
      at = node.skip;
      continue;
    }
    if (node.leaf_count > 0) {
      const Sides asked = asked_of(query.box, margin, node.box);
      for (; within < node.leaf_count; ++within) {
        const std::uint64_t word = leaves_[node.first_place + within];
        if (!reaches(word, asked)) continue;
        found[count++] = ContainerId{static_cast<std::uint32_t>(word >> kIdShift)};
        if (count < found.size()) continue;
        cursor = at * kLeafSlots + within + 1;
        return count;
      }
      within = 0;
    }
    ++at;
  }
  cursor = node_count_ * kLeafSlots;
  return count;
}

}  // namespace nf
