#include "tools/nearfield/fly_audit.h"

#include <algorithm>
#include <array>
#include <span>

namespace nf {
namespace {

constexpr double kStepSeconds = 1.0 / 60;
// A bubble that is only grazed may or may not count, depending on when exactly the frames came: the
// last part in a hundred of a load distance is left to the Streamer's own account.
constexpr double kReach = 0.99;

}  // namespace

FlyAudit::FlyAudit(const World& world, const Streamer& streamer, const Flight& flight)
    : world_(world),
      streamer_(streamer),
      flight_(flight),
      touched_(world.container_count(), false) {}

bool FlyAudit::resident(ContainerId id) const {
  const Residency state = streamer_.state(id);
  return state == Residency::resident || state == Residency::leaving;
}

void FlyAudit::touch(ContainerId id) {
  if (touched_[id.value]) return;
  touched_[id.value] = true;
  ++touched_count_;
  for (const ContainerId dependency : world_.dependencies(id)) touch(dependency);
}

void FlyAudit::find_needed(double seconds) {
  found_.clear();
  find_needed_in(kRootBody, flight_.at(seconds, hint_).position);
}

// `at` is in the frame of the body. As deep as bodies lie in each other.
void FlyAudit::find_needed_in(BodyId body, WorldPosition at) {
  const IndexQuery query{.box = {at, at}};
  std::array<ContainerId, 256> portion;
  std::size_t cursor = 0;
  for (std::size_t count = portion.size(); count == portion.size();) {
    count = world_.index(body).find(query, portion, cursor);
    for (const ContainerId id : std::span(portion).first(count)) {
      const Place& place = world_.place(id);
      if (distance_to(place, at) > kReach * static_cast<double>(place.load_distance)) continue;
      found_.push_back(id);
    }
  }
  const Bodies& bodies = world_.bodies();
  bodies.children().visit(body.value, query, [&](std::uint32_t child) {
    find_needed_in(BodyId{child}, to_inner(bodies[BodyId{child}].moving.pose, at));
  });
}

void FlyAudit::step(double seconds) {
  find_needed(seconds);
  for (Need& need : needs_) need.inside = false;
  for (const ContainerId id : found_) {
    touch(id);
    if (resident(id)) continue;
    const auto open =
        std::find_if(needs_.begin(), needs_.end(), [&](const Need& n) { return n.id == id; });
    if (open == needs_.end()) {
      needs_.push_back({.id = id, .since = seconds});
    } else {
      open->inside = true;
    }
  }
}

std::vector<ContainerId> FlyAudit::absent(double seconds) {
  std::vector<ContainerId> list;
  find_needed(seconds);
  for (const ContainerId id : found_) {
    if (!resident(id)) list.push_back(id);
  }
  return list;
}

void FlyAudit::look(double seconds) {
  const double end = std::min(seconds, flight_.seconds());
  while (static_cast<double>(steps_done_) * kStepSeconds <= end) {
    step(static_cast<double>(steps_done_) * kStepSeconds);
    ++steps_done_;
  }
  // Where nothing is on its way and something is wanted, it has failed or found no memory.
  const bool idle = streamer_.idle();
  for (std::size_t i = 0; i < needs_.size();) {
    Need& need = needs_[i];
    const bool here = resident(need.id);
    if (!here && need.inside) {
      need.no_memory |= idle && streamer_.state(need.id) != Residency::failed;
      if (const LateCause cause = streamer_.cause(need.id); cause != LateCause::none) {
        need.cause = cause;
      }
      ++i;
      continue;
    }
    if (!need.reported) add_late(need, seconds, !here);
    needs_[i] = needs_.back();
    needs_.pop_back();
  }
}

void FlyAudit::add_late(const Need& need, double until, bool missed) {
  if (finished_ || until <= need.since) return;
  late_.push_back({.id = need.id,
                   .seconds = need.since,
                   .lateness = until - need.since,
                   .missed = missed,
                   .no_memory = need.no_memory,
                   .cause = need.cause});
}

bool FlyAudit::note_reported(ContainerId id) {
  bool no_memory = false;
  for (Need& need : needs_) {
    if (need.id != id) continue;
    need.reported = true;
    no_memory |= need.no_memory;
  }
  return no_memory;
}

void FlyAudit::finish(double seconds) {
  for (const Need& need : needs_) add_late(need, seconds, true);
  finished_ = true;
}

}  // namespace nf
