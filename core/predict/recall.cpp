#include "core/predict/recall.h"

#include <algorithm>
#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::array<double, Recall::kWayPoints> kWaySpacings{1, 2, 4, 8};  // ago
// Near ways weigh more: what happened last says most.
constexpr std::array<float, Recall::kWayPoints> kWayWeights{4, 2, 1, 0.4F};
constexpr std::uint8_t kAheadMin = 5;  // states that must have followed
constexpr float kNowhere = 1e30F;
constexpr double kStandingShare = 0.05;  // of the fast speed
constexpr double kPlaceSeconds = 0.5;    // of fast travel, that count as the same place
constexpr double kMovingShare = 0.5;     // of the fast speed, that counts as the same motion
constexpr float kPlaceMax = 2;           // squared distance; beyond it nobody was here
constexpr float kSpreadShare = 0.5F;     // of how far the futures lie apart
constexpr float kSpreadMin = 0.05F;      // of what fast motion covers

Axes axes_of(const Track& track, double spacing, const Axes& before) {
  for (const double ago : {2 * spacing, 8 * spacing}) {
    const WorldVector moved = track.latest - position_ago(track, ago);
    const double size = std::hypot(moved.x, moved.y);
    if (size > kStandingShare * track.fast_speed * ago && size > 0) {
      return {moved.x / size, moved.y / size};
    }
  }
  return before;
}

WorldVector along(const Axes& axes, WorldVector v) {
  return {v.x * axes.forward_x + v.y * axes.forward_y, v.y * axes.forward_x - v.x * axes.forward_y,
          v.z};
}
WorldVector back(const Axes& axes, WorldVector v) {
  return {v.x * axes.forward_x - v.y * axes.forward_y, v.x * axes.forward_y + v.y * axes.forward_x,
          v.z};
}

}  // namespace

Recall::Recall(const RecallOptions& options)
    : options_(options),
      capacity_(std::max((options.states_max + kBlock - 1) / kBlock, 1u) * kBlock) {
  for (auto& one : way_) one.assign(capacity_, kNowhere);
  for (auto& one : place_) one.assign(capacity_, kNowhere);
  for (auto& one : moving_) one.assign(capacity_, 0);
  state_axes_.assign(capacity_, {});
  run_.assign(capacity_, 0);
}

void Recall::end_run() {
  in_run_ = false;
}

Recall::Way Recall::way_of(const Track& track) const {
  Way way;
  for (std::uint32_t i = 0; i < kWayPoints; ++i) {
    const WorldVector moved =
        along(axes_, track.latest - position_ago(track, kWaySpacings[i] * options_.spacing));
    way[3 * i] = static_cast<float>(moved.x);
    way[3 * i + 1] = static_cast<float>(moved.y);
    way[3 * i + 2] = static_cast<float>(moved.z);
  }
  return way;
}

void Recall::add(const Track& track) {
  axes_ = axes_of(track, options_.spacing, axes_);
  if (in_run_ && track.latest_time - time_ < 0.95 * options_.spacing) return;
  if (size_ == 0) anchor_ = track.latest;
  if (!in_run_) ++run_number_;
  in_run_ = true;
  time_ = track.latest_time;
  const std::uint32_t state = next_;
  next_ = (next_ + 1) % capacity_;
  size_ = std::min(size_ + 1, capacity_);
  const Way way = way_of(track);
  for (std::uint32_t i = 0; i < kFeatures; ++i) way_[i][state] = way[i];
  const WorldVector at = track.latest - anchor_;
  const WorldVector moving =
      (track.latest - position_ago(track, options_.spacing)) * (1 / options_.spacing);
  const std::array<double, 3> place{at.x, at.y, at.z}, velocity{moving.x, moving.y, moving.z};
  for (std::size_t i = 0; i < 3; ++i) {
    place_[i][state] = static_cast<float>(place[i]);
    moving_[i][state] = static_cast<float>(velocity[i]);
  }
  state_axes_[state] = axes_;
  run_[state] = run_number_;
}

// How many states followed it, as far as futures reach.
std::uint32_t Recall::states_after(std::uint32_t state) const {
  constexpr std::uint32_t kFar = 41;
  std::uint32_t known = 0;
  while (known < kFar) {
    const std::uint32_t then = (state + known + 1) % capacity_;
    if (then == next_ || run_[then] != run_[state]) break;
    ++known;
  }
  return known;
}

// Metres from the state's place; past what is known it goes on as it went last.
WorldVector Recall::came_after(std::uint32_t state, std::uint32_t known, double seconds) const {
  const auto place = [&](std::uint32_t ahead) {
    const std::uint32_t then = (state + ahead) % capacity_;
    return WorldVector{static_cast<double>(place_[0][then] - place_[0][state]),
                       static_cast<double>(place_[1][then] - place_[1][state]),
                       static_cast<double>(place_[2][then] - place_[2][state])};
  };
  const double steps = seconds / options_.spacing;
  if (steps >= known) {
    const WorldVector end = place(known);
    const WorldVector last = end - place(known - 1);
    return end + last * (steps - known);
  }
  const auto whole = static_cast<std::uint32_t>(steps);
  const WorldVector from = place(whole);
  return from + (place(whole + 1) - from) * (steps - whole);
}

void Recall::Neighbours::add(Neighbour neighbour, std::uint32_t limit) {
  if (count == limit && !(neighbour.distance < list[count - 1].distance)) return;
  if (count < limit) ++count;
  std::uint32_t at = count - 1;
  while (at > 0 && list[at - 1].distance > neighbour.distance) {
    list[at] = list[at - 1];
    --at;
  }
  list[at] = neighbour;
}

template <class Distances>
void Recall::find_nearest(std::uint32_t count, const Distances& distances_of_block,
                          Neighbours& found) const {
  const std::uint32_t limit = std::min(count, kNeighboursMax);
  if (limit == 0) return;
  for (std::uint32_t block = 0; block < size_; block += kBlock) {
    const Scan distances = distances_of_block(block);
    const auto best = std::min_element(distances.begin(), distances.end());
    if (!(*best < kNowhere)) continue;
    if (found.count == limit && !(*best < found.list[limit - 1].distance)) continue;
    const auto state = block + static_cast<std::uint32_t>(best - distances.begin());
    if (states_after(state) < kAheadMin) continue;
    found.add({state, *best, this}, limit);
  }
}

void Recall::find_ways(const Way& way, std::uint32_t count, Neighbours& found) const {
  const auto distances = [&](std::uint32_t block) {
    Scan sum{};
    for (std::uint32_t f = 0; f < kFeatures; ++f) {
      const float* column = way_[f].data() + block;
      const float weight = kWayWeights[f / 3];
      for (std::uint32_t i = 0; i < kBlock; ++i) {
        const float difference = column[i] - way[f];
        sum[i] += weight * difference * difference;
      }
    }
    return sum;
  };
  find_nearest(count, distances, found);
}

void Recall::add_futures(Futures& futures, const Neighbours& found, Expert expert,
                         const Track& track) const {
  const std::uint32_t first = futures.count;
  const auto room = static_cast<std::uint32_t>(kFuturesMax) - first;
  const std::uint32_t count = std::min(found.count, room);
  if (count == 0) return;
  const float width = found.list[count - 1].distance * 1.2F + 1e-12F;
  float sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Neighbour& one = found.list[i];
    const std::uint32_t future = futures.count++;
    const std::uint32_t known = one.of->states_after(one.state);
    futures.expert[future] = expert;
    const float near = 1 - one.distance / width;
    futures.weight[future] = near * near + 0.05F;
    sum += futures.weight[future];
    for (std::size_t h = 0; h < kHorizons; ++h) {
      WorldVector came =
          one.of->came_after(one.state, known, static_cast<double>(futures.seconds[h]));
      if (expert == Expert::recalled)
        came = back(axes_, along(one.of->state_axes_[one.state], came));
      futures.x[h][future] = static_cast<float>(came.x);
      futures.y[h][future] = static_cast<float>(came.y);
      futures.z[h][future] = static_cast<float>(came.z);
    }
  }
  for (std::uint32_t i = first; i < futures.count; ++i) futures.weight[i] /= sum;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    float mean_x = 0, mean_y = 0, mean_z = 0, apart = 0;
    for (std::uint32_t i = first; i < futures.count; ++i) {
      mean_x += futures.weight[i] * futures.x[h][i];
      mean_y += futures.weight[i] * futures.y[h][i];
      mean_z += futures.weight[i] * futures.z[h][i];
    }
    for (std::uint32_t i = first; i < futures.count; ++i) {
      const float dx = futures.x[h][i] - mean_x, dy = futures.y[h][i] - mean_y,
                  dz = futures.z[h][i] - mean_z;
      apart += futures.weight[i] * (dx * dx + dy * dy + dz * dz);
    }
    const float covered = static_cast<float>(track.fast_speed) * futures.seconds[h];
    futures.spread[static_cast<std::size_t>(expert)][h] =
        std::max(kSpreadShare * std::sqrt(apart), kSpreadMin * covered);
  }
}

void Recall::add_recalled(Futures& futures, const Track& track, std::uint32_t count,
                          const Recall* learnt) const {
  const Way way = way_of(track);
  Neighbours found;
  find_ways(way, count, found);
  if (learnt != nullptr) learnt->find_ways(way, count, found);
  add_futures(futures, found, Expert::recalled, track);
}

void Recall::add_revisited(Futures& futures, const Track& track, std::uint32_t count) const {
  const auto fast = static_cast<float>(track.fast_speed);
  if (!(fast > 0)) return;
  const WorldVector at = track.latest - anchor_;
  const WorldVector moving =
      (track.latest - position_ago(track, options_.spacing)) * (1 / options_.spacing);
  const std::array<float, 3> here{static_cast<float>(at.x), static_cast<float>(at.y),
                                  static_cast<float>(at.z)};
  const std::array<float, 3> velocity{static_cast<float>(moving.x), static_cast<float>(moving.y),
                                      static_cast<float>(moving.z)};
  const float by_place = 1 / (static_cast<float>(kPlaceSeconds) * fast);
  const float by_motion = 1 / (static_cast<float>(kMovingShare) * fast);
  const auto distances = [&](std::uint32_t block) {
    Scan sum{};
    for (std::size_t a = 0; a < 3; ++a) {
      const float *place = place_[a].data() + block, *motion = moving_[a].data() + block;
      for (std::uint32_t i = 0; i < kBlock; ++i) {
        const float off = (place[i] - here[a]) * by_place;
        const float other = (motion[i] - velocity[a]) * by_motion;
        sum[i] += off * off + other * other;
      }
    }
    for (float& one : sum) one = one > kPlaceMax ? kNowhere : one;
    return sum;
  };
  Neighbours found;
  find_nearest(count, distances, found);
  add_futures(futures, found, Expert::revisited, track);
}

}  // namespace nf
