#include "core/world/bodies.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/base/seconds.h"

namespace nf {
namespace {

constexpr double kMarginMin = 1;  // metres
constexpr double kMarginOfRadius = 1.0 / 16;
constexpr double kMarginSeconds = 0.5;  // of travel
// A box this much wider than it needs to be is set anew: what it finds in vain costs more.
constexpr double kWidthMax = 4;
// Faster than this from one pose to the next is no motion but a jump.
constexpr double kJumpSlack = 10;           // metres
constexpr double kJumpAcceleration = 1000;  // metres a second squared
constexpr double kJumpSpeedRatio = 4;

// Whence anything of the body can be needed from now on until `sweep` has passed.
WorldBox swept_box(const Body& body, double margin, Duration sweep) {
  const WorldPosition now = body.moving.pose.origin;
  const WorldPosition then = now + body.moving.velocity * sweep.seconds();
  const double reach = body.radius + margin;
  return box_around(box_around(now, reach), box_around(then, reach));
}

// Nobody would ever say that it is over.
void stop(MovingPose& moving) {
  moving.velocity = {};
  moving.spin = {};
}

WorldVector measured_spin(WorldRotation from, WorldRotation to, double seconds) {
  WorldRotation turn = normalized(to * inverse(normalized(from)));
  if (turn.w < 0) turn = {-turn.x, -turn.y, -turn.z, -turn.w};
  const WorldVector axis{turn.x, turn.y, turn.z};
  const double sine = length(axis);
  if (!(sine > 0)) return {};
  return axis * (2 * std::atan2(sine, turn.w) / (sine * seconds));
}

}  // namespace

Result<void> Bodies::reserve(std::uint32_t count, std::uint32_t spawned) {
  if (auto made = children_.reserve(count, count); !made) return made.error();
  reserved_ = std::max(reserved_, count);
  bodies_.reserve(reserved_);
  for (auto* list : {&by_first_, &free_, &placed_in_, &changed_, &severed_}) {
    list->reserve(reserved_);
  }
  for (auto* list : {&is_changed_, &is_severed_}) list->reserve(reserved_);
  of_spawned_.resize(std::max<std::size_t>(of_spawned_.size(), spawned), BodyId::none());
  return {};
}

BodyId Bodies::add(Body body) {
  NF_ASSERT(!free_.empty() || count() < reserved_);
  NF_ASSERT(body.index != nullptr);
  body.own_radius = body.index->radius();
  body.own_load_distance = body.index->load_distance_max();
  body.radius = body.own_radius;
  body.load_distance = body.own_load_distance;
  if (!body.may_move) stop(body.moving);
  BodyId id{count()};
  if (free_.empty()) {
    bodies_.push_back(std::move(body));
    is_changed_.push_back(0);
    is_severed_.push_back(0);
  } else {
    id = free_.back();
    free_.pop_back();
    bodies_[id.value] = std::move(body);
  }
  number(id);
  ++version_;
  fit(id);
  return id;
}

// An inner one is added after what encloses it, and takes its containers over.
void Bodies::number(BodyId id) {
  const ContainerRange range = (*this)[id].range;
  if (!range.first.valid()) return;
  if (range.first.value < of_spawned_.size()) {
    for (std::uint32_t at = range.first.value; at < range.last.value; ++at) of_spawned_[at] = id;
    return;
  }
  const auto after = std::upper_bound(
      by_first_.begin(), by_first_.end(), range.first,
      [this](ContainerId wanted, BodyId other) { return wanted < (*this)[other].range.first; });
  by_first_.insert(after, id);
}

void Bodies::sever(BodyId id) {
  if (is_severed_[id.value] != 0) return;
  is_severed_[id.value] = 1;
  severed_.push_back(id);
}

void Bodies::leave_parent(BodyId id) {
  const BodyId parent = (*this)[id].parent;
  if (!children_.holds(id.value)) return;
  children_.remove(id.value);
  if (update_radius(bodies_[parent.value], parent)) fit(parent);
}

void Bodies::take_out(BodyId id) {
  NF_ASSERT(children_.empty(id.value) && !(*this)[id].removed);
  leave_parent(id);
  bodies_[id.value].removed = true;
  if (is_changed_[id.value] != 0) {
    is_changed_[id.value] = 0;
    std::erase(changed_, id);
  }
  sever(id);
  ++version_;
}

void Bodies::remove(BodyId id) {
  take_out(id);
  const ContainerRange range = (*this)[id].range;
  NF_ASSERT(range.last.value <= of_spawned_.size());
  for (std::uint32_t at = range.first.value; at < range.last.value; ++at) {
    if (of_spawned_[at] == id) of_spawned_[at] = BodyId::none();
  }
}

void Bodies::remove_all(ContainerRange archive) {
  const auto before = [this](BodyId body, ContainerId wanted) {
    return (*this)[body].range.first < wanted;
  };
  const auto first = std::lower_bound(by_first_.begin(), by_first_.end(), archive.first, before);
  const auto last = std::lower_bound(first, by_first_.end(), archive.last, before);
  // The deepest first: nothing is in them.
  std::vector<std::pair<std::uint32_t, BodyId>> by_depth;
  for (auto at = first; at != last; ++at) by_depth.emplace_back(depth(*at), *at);
  std::sort(by_depth.begin(), by_depth.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [depth, id] : by_depth) take_out(id);
  by_first_.erase(first, last);
}

void Bodies::attach(BodyId id, const Beside& beside, const MovingPose& moving, Time now) {
  NF_ASSERT(!is_below(beside.parent, id));
  leave_parent(id);
  Body& body = bodies_[id.value];
  body.parent = beside.parent;
  body.stated_in = beside.stated_in;
  body.anchor = beside.anchor;
  body.moving = moving;
  body.posed_at = now;
  if (!body.may_move) stop(body.moving);
  if constexpr (planted_bug != kAttachedUnseen) sever(id);
  ++version_;
  fit(id);
}

void Bodies::state_in_parent(BodyId id) {
  bodies_[id.value].stated_in = ContainerId::none();
  bodies_[id.value].anchor = {};
}

std::span<const BodyId> Bodies::placed_in(BodyId id) {
  placed_in_.clear();
  if (children_.empty(id.value)) return {};
  children_.visit(id.value, {.box = children_.all(id.value).box},
                  [this](std::uint32_t child) { placed_in_.push_back(BodyId{child}); });
  return placed_in_;
}

bool Bodies::is_below(BodyId id, BodyId above) const {
  while (id.valid() && id != above) id = (*this)[id].parent;
  return id.valid();
}

void Bodies::set_index(BodyId id, PlaceIndex index) {
  Body& body = bodies_[id.value];
  body.index = std::make_shared<const PlaceIndex>(std::move(index));
  body.own_radius = body.index->radius();
  body.own_load_distance = body.index->load_distance_max();
  update_radius(body, id);
  fit(id);
}

BodyId Bodies::first_with(ContainerId id) const {
  if (id.value < of_spawned_.size()) {
    const BodyId body = of_spawned_[id.value];
    return body.valid() && (*this)[body].range.first == id ? body : BodyId::none();
  }
  const auto at = std::lower_bound(
      by_first_.begin(), by_first_.end(), id,
      [this](BodyId other, ContainerId wanted) { return (*this)[other].range.first < wanted; });
  return at != by_first_.end() && (*this)[*at].range.first == id ? *at : BodyId::none();
}

ContainerId Bodies::next_begin(ContainerId id) const {
  const auto at = std::lower_bound(
      by_first_.begin(), by_first_.end(), id,
      [this](BodyId other, ContainerId wanted) { return (*this)[other].range.first < wanted; });
  return at != by_first_.end() ? (*this)[*at].range.first : ContainerId::none();
}

BodyId Bodies::of(ContainerId id) const {
  if (id.value < of_spawned_.size()) {
    const BodyId body = of_spawned_[id.value];
    return body.valid() ? body : BodyId{0};
  }
  const auto after = std::upper_bound(
      by_first_.begin(), by_first_.end(), id,
      [this](ContainerId wanted, BodyId other) { return wanted < (*this)[other].range.first; });
  if (after == by_first_.begin()) return BodyId{0};
  BodyId body = *std::prev(after);
  while (body.valid() && !(*this)[body].range.contains(id)) body = (*this)[body].enclosing;
  return body.valid() ? body : BodyId{0};
}

void Bodies::measure(const Body& body, MovingPose& pose, Time now) const {
  const bool stated = dot(pose.velocity, pose.velocity) + dot(pose.spin, pose.spin) > 0;
  if (stated || body.posed_at == Time::never()) return;
  const double seconds = seconds_between(body.posed_at, now);
  if (!(seconds > 0)) {
    pose.velocity = body.moving.velocity;
    pose.spin = body.moving.spin;
    return;
  }
  const WorldVector moved = pose.pose.origin - body.moving.pose.origin;
  const double plausible = kJumpSlack + kJumpAcceleration * seconds * seconds / 2 +
                           kJumpSpeedRatio * length(body.moving.velocity) * seconds;
  if (length(moved) > plausible) return;
  pose.velocity = moved * (1 / seconds);
  pose.spin = measured_spin(body.moving.pose.rotation, pose.pose.rotation, seconds);
}

void Bodies::set_pose(BodyId id, const MovingPose& stated, Time now) {
  Body& body = bodies_[id.value];
  NF_ASSERT(body.may_move);
  MovingPose moving = stated;
  measure(body, moving, now);
  body.moving = moving;
  body.posed_at = now;
  ++version_;
  fit(id);
}

// `to` is `from` or above it.
MovingPose Bodies::climb(BodyId from, BodyId to) const {
  MovingPose way;
  for (; from != to; from = (*this)[from].parent) way = to_outer((*this)[from].moving, way);
  return way;
}

Pose Bodies::pose_in_space(BodyId id) const {
  Pose pose;
  for (; (*this)[id].parent.valid(); id = (*this)[id].parent) {
    pose = to_outer((*this)[id].moving.pose, pose);
  }
  return pose;
}

std::uint32_t Bodies::depth(BodyId id) const {
  std::uint32_t steps = 0;
  for (; (*this)[id].parent.valid(); id = (*this)[id].parent) ++steps;
  return steps;
}

bool Bodies::relate(BodyId from, BodyId to, MovingPose& way) const {
  std::uint32_t from_depth = depth(from);
  std::uint32_t to_depth = depth(to);
  BodyId a = from;
  BodyId b = to;
  for (; from_depth > to_depth; --from_depth) a = (*this)[a].parent;
  for (; to_depth > from_depth; --to_depth) b = (*this)[b].parent;
  while (a != b) {
    a = (*this)[a].parent;
    b = (*this)[b].parent;
    if (!a.valid()) return false;
  }
  way = to_outer(inverse(climb(to, a)), climb(from, a));
  return true;
}

BoxForest::Entry Bodies::fat_entry(const Body& body) const {
  const double margin = std::max(
      {kMarginMin, body.radius * kMarginOfRadius, length(body.moving.velocity) * kMarginSeconds});
  return {.box = swept_box(body, margin, sweep_), .load_distance = body.load_distance};
}

bool Bodies::fits(const Body& body, const BoxForest::Entry& entry) const {
  const WorldBox tight = swept_box(body, 0, sweep_);
  return entry.load_distance == body.load_distance && encloses(entry.box, tight) &&
         widest_side(entry.box) <= kWidthMax * widest_side(fat_entry(body).box);
}

// True if the body's parent has to make room for it.
bool Bodies::update_radius(Body& body, BodyId id) const {
  double radius = body.own_radius;
  float load_distance = body.own_load_distance;
  if (!children_.empty(id.value)) {
    const BoxForest::Entry& all = children_.all(id.value);
    radius = std::max(radius, farthest_corner(all.box));
    load_distance = std::max(load_distance, all.load_distance);
  }
  // One that shrinks a little may grow again with the next pose.
  const bool same = radius <= body.radius && radius * kWidthMax > body.radius &&
                    load_distance == body.load_distance;
  if (same) return false;
  body.radius = radius;
  body.load_distance = load_distance;
  return true;
}

// Sets the body's box among its siblings anew if it has left the one it had, and so on upwards.
void Bodies::fit(BodyId id) {
  for (;;) {
    Body& body = bodies_[id.value];
    if (!body.parent.valid()) return;
    const bool held = children_.holds(id.value);
    if (held && fits(body, children_.entry(id.value))) return;
    if (held) {
      children_.change(id.value, fat_entry(body));
    } else {
      children_.insert(body.parent.value, id.value, fat_entry(body));
    }
    if (planted_bug != kBodyLeavesBoxUntold) note_changed(id);
    if (!update_radius(bodies_[body.parent.value], body.parent)) return;
    id = body.parent;
  }
}

void Bodies::note_changed(BodyId id) {
  if (is_changed_[id.value] != 0) return;
  is_changed_[id.value] = 1;
  changed_.push_back(id);
}

void Bodies::forget_changes() {
  for (const BodyId id : changed_) is_changed_[id.value] = 0;
  changed_.clear();
  for (const BodyId id : severed_) {
    is_severed_[id.value] = 0;
    if ((*this)[id].removed) {
      bodies_[id.value] = {};
      bodies_[id.value].removed = true;
      free_.push_back(id);
    }
  }
  severed_.clear();
}

}  // namespace nf
