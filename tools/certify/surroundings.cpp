#include "tools/certify/surroundings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/world/pose.h"
#include "core/world/vector_math.h"

namespace nf::certify {
namespace {

constexpr double kTouch = 2e-3;        // metres: first_contact takes what is nearer for contact
constexpr double kDrainSeconds = 0.5;  // until what was given up has given back its memory
// How far a forecast looks beside the envelope (core/predict/forecast.cpp): a cone that spreads by
// less than this part of the speed, or so much wider as it goes on for longer than was tried.
constexpr double kConeSpread = 0.7;
constexpr double kTriedSeconds = 4, kUntriedTimes = 4;
constexpr double kSpeedNoise = 1.1;
constexpr double kLookedMin = 4;  // metres

// Above what distances computed from such coordinates can be wrong by.
double rounding_at(WorldPosition a, WorldPosition b) {
  return 64 * std::numeric_limits<double>::epsilon() *
         (largest_coordinate(a) + largest_coordinate(b));
}

// Seconds of travel at full speed.
double looked_ahead(Duration lookahead) {
  const double seconds = lookahead.seconds();
  const double tried = seconds * (1 + kConeSpread * std::max(1.0, seconds / kTriedSeconds));
  const double untried = std::min(1.0, seconds) * (1 + kConeSpread * kUntriedTimes);
  return kSpeedNoise * std::max({1.0, envelope_kept(lookahead).seconds(), tried, untried});
}

std::uint32_t deepest(const Bodies& bodies) {
  std::uint32_t most = 0;
  for (std::uint32_t body = 0; body < bodies.count(); ++body) {
    std::uint32_t depth = 0;
    for (BodyId up = bodies[{body}].parent; up.valid(); up = bodies[up].parent) ++depth;
    most = std::max(most, depth);
  }
  return most;
}

}  // namespace

double piece_seconds(Duration lookahead) {
  return 2 * (envelope_kept(lookahead) - envelope_wanted(lookahead)).seconds();
}

Reaches reaches_of(const MotionEnvelope& envelope, Duration lookahead) {
  const double speed = envelope.speed_max;
  const double wanted = envelope_wanted(lookahead).seconds();
  const double kept = envelope_kept(lookahead).seconds();
  return {.sure = speed * lookahead.seconds(),
          .wanted = speed * wanted,
          .kept = speed * kept,
          .held = speed * (kept + kDrainSeconds),
          .outer = speed * std::max(kept + kDrainSeconds, wanted + piece_seconds(lookahead)),
          .looked = kLookedMin + speed * looked_ahead(lookahead),
          .speed = speed};
}

Surroundings::Surroundings(const World& world, const Demands& demands, const Reaches& reaches,
                           double hysteresis)
    : world_(world),
      demands_(demands),
      reaches_(reaches),
      hysteresis_(hysteresis),
      bodies_between_(deepest(world.bodies())) {
  const std::uint32_t count = world.container_count();
  is_placed_.resize(count);
  seen_.resize(count);
  places_.reserve(count);
  first_dependency_.reserve(count + 1);
  std::vector<bool> nowhere(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    const Mount& mount = world.mount_of({id});
    const ContainerId parent = world.parent({id});
    nowhere[id] =
        has(mount.tables->containers.flags[world.local_id({id})], ContainerFlags::template_root) ||
        (parent.valid() && nowhere[parent.value]);
    places_.push_back(world.place_in_space({id}));
    first_dependency_.push_back(static_cast<std::uint32_t>(dependencies_.size()));
    const bool placed = !nowhere[id] && places_[id].kind != BoundsKind::none;
    if (!placed) continue;
    placed_.push_back(id);
    is_placed_[id] = true;
    for (const ContainerId dependency : world.dependencies({id})) {
      dependencies_.push_back(dependency.value);
    }
  }
  first_dependency_.push_back(static_cast<std::uint32_t>(dependencies_.size()));
}

WorldBox Surroundings::bounds() const {
  WorldBox bounds;
  bool any = false;
  for (const std::uint32_t id : placed_) {
    const Place& place = places_[id];
    const double radius = place.kind == BoundsKind::sphere
                              ? static_cast<double>(place.half_extent.x)
                              : length(to_world(place.half_extent));
    const double load = place.load_distance;
    const double reach = radius + std::max(load + reaches_.outer, load * hysteresis_);
    const WorldBox box = box_around(place.center, reach * (1 + 1e-9));
    bounds = any ? box_around(bounds, box) : box;
    any = true;
  }
  return bounds;
}

void Surroundings::note(std::uint32_t id, const Seen& seen) {
  Seen& known = seen_[id];
  if (known.stamp != stamp_) {
    known = seen;
    known.stamp = stamp_;
    ids_.push_back(id);
    return;
  }
  known.at = std::min(known.at, seen.at);
  known.sure |= seen.sure;
  known.due |= seen.due;
  known.there |= seen.there;
  known.listed |= seen.listed;
  known.held |= seen.held;
}

View Surroundings::look(std::span<const std::uint32_t> candidates, WorldPosition center,
                        double radius, std::vector<std::uint32_t>* near) {
  ++stamp_;
  ids_.clear();
  std::uint32_t listed = 0;
  for (const std::uint32_t id : candidates) {
    const Place& place = places_[id];
    const double load = place.load_distance;
    const double way = distance_to(place, center) - load;
    const double margin = radius + kTouch + rounding_at(center, place.center);
    const double least = way - margin;
    const bool in_ring = least <= load * (hysteresis_ - 1);
    if (least > reaches_.outer && !in_ring) continue;
    if (near != nullptr) near->push_back(id);
    const Seen seen{.at = std::max(0.0, (least - reaches_.wanted) / reaches_.speed),
                    .sure = way + margin <= reaches_.sure,
                    .due = least <= due_,
                    .there = in_time_ != nullptr && (*in_time_)[id] && way + margin <= 0,
                    .listed = least <= reaches_.kept || in_ring,
                    .held = least <= reaches_.held || in_ring};
    listed += seen.listed ? 1 : 0;
    note(id, seen);
    for (const std::uint32_t dependency : dependencies(id)) note(dependency, seen);
  }
  View view = sum_up();
  view.listed = listed;
  if (counts_eyes_) view.eyes = count_eyes(center, radius);
  return view;
}

// One in the body that spans all, one in each that is in reach of it or of one that is; and if the
// motion is stated in one that is not, one in that and in each between.
std::uint32_t Surroundings::count_eyes(WorldPosition center, double radius) {
  const Bodies& bodies = world_.bodies();
  std::uint32_t count = 1 + bodies_between_;
  if (bodies.count() == 1) return count;
  const auto scale = static_cast<float>(hysteresis_ * (1 + 1e-6));
  bodies_.assign(1, {kRootBody, center});
  while (!bodies_.empty()) {
    const InBody in = bodies_.back();
    bodies_.pop_back();
    const IndexQuery query{.box = box_around(in.at, radius + reaches_.looked),
                           .reach_scale = scale};
    bodies.children().visit(in.body.value, query, [&](std::uint32_t child) {
      ++count;
      bodies_.push_back({{child}, to_inner(bodies[{child}].moving.pose, in.at)});
    });
  }
  return count;
}

View Surroundings::sum_up() {
  View view;
  entering_.clear();
  for (const std::uint32_t id : ids_) {
    const Seen& seen = seen_[id];
    const double demand = static_cast<double>(demands_.seconds[id]);
    const double memory = static_cast<double>(demands_.memory[id]);
    if (!seen.sure) {
      entering_.push_back({.at = seen.at, .demand = demand, .id = id, .listed = seen.listed});
      view.entering_demand += demand;
    } else if (seen.listed) {
      view.others_demand += demand;
    }
    if (seen.listed && !seen.there) {
      view.listed_demand += demand;
      view.listed_largest = std::max(view.listed_largest, demand);
      if (!seen.due) view.later_largest = std::max(view.later_largest, demand);
      ++view.loaded_most;
    }
    if (seen.due && !seen.there) view.due_demand += demand;
    if (seen.held && memory > 0) {
      view.memory += memory;
      view.largest = std::max(view.largest, memory);
      ++view.blocks;
    }
  }
  view.entering = entering_;
  view.ids = ids_;
  return view;
}

}  // namespace nf::certify
