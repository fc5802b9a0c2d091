#include "core/predict/recall.h"

#include <algorithm>
#include <cmath>

#include "core/world/vector_math.h"

namespace nf {
namespace {

constexpr std::uint8_t kAheadMin = 5;  // states that must have followed
constexpr float kNowhere = 1e30F;
constexpr double kPlaceSeconds = 0.5;  // of fast travel, that count as the same place
constexpr double kMovingShare = 0.5;   // of the fast speed, that counts as the same motion
constexpr float kPlaceMax = 2;         // squared distance; beyond it nobody was here
constexpr float kSpreadShare = 0.5F;   // of how far the futures lie apart
constexpr float kSpreadMin = 0.05F;    // of what fast motion covers

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

void Recall::forget_places() {
  in_run_ = false;
  first_run_here_ = run_number_ + 1;
}

void Recall::add(const Track& track) {
  axes_ = axes_of(track, options_.spacing, axes_);
  if (in_run_ && track.latest_time - time_ < 0.95 * options_.spacing) return;
  if (!in_run_) ++run_number_;
  if (size_ == 0 || (!in_run_ && run_number_ == first_run_here_)) anchor_ = track.latest;
  in_run_ = true;
  time_ = track.latest_time;
  const std::uint32_t state = next_;
  next_ = (next_ + 1) % capacity_;
  size_ = std::min(size_ + 1, capacity_);
  const Way way = way_of(track, axes_, options_.spacing);
  for (std::uint32_t i = 0; i < kWayFeatures; ++i) way_[i][state] = way[i];
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
    found.add({state, *best, nullptr}, limit);
  }
}

void Recall::find_ways(const Way& way, std::uint32_t count, Neighbours& found) const {
  const auto distances = [&](std::uint32_t block) {
    Scan sum{};
    for (std::uint32_t f = 0; f < kWayFeatures; ++f) {
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

WorldVector Recall::future_of(const Neighbour& neighbour, std::uint32_t known, const Track& track,
                              double seconds) const {
  if (neighbour.of == nullptr) return came_after(neighbour.state, known, seconds);
  return neighbour.of->came_after(neighbour.state, seconds) * track.fast_speed;
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
    const std::uint32_t known = one.of == nullptr ? states_after(one.state) : 0;
    futures.expert[future] = expert;
    const float near = 1 - one.distance / width;
    futures.weight[future] = near * near + 0.05F;
    sum += futures.weight[future];
    for (std::size_t h = 0; h < kHorizons; ++h) {
      WorldVector came = future_of(one, known, track, static_cast<double>(futures.seconds[h]));
      if (one.of != nullptr) {
        came = back(axes_, came);
      } else if (expert == Expert::recalled) {
        came = back(axes_, along(state_axes_[one.state], came));
      }
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

// What was learnt is in fast travel, and its distances become squared metres.
void Recall::find_learnt(const LearntWays& learnt, Way way, double fast, std::uint32_t count,
                         Neighbours& found) const {
  const auto metres = static_cast<float>(fast);
  if (!(metres > 0)) return;
  for (float& one : way) one /= metres;
  std::array<LearntWays::Near, kNeighboursMax> near;
  const std::uint32_t limit = std::min(count, kNeighboursMax);
  const std::uint32_t alike = learnt.find_nearest(way, std::span(near).first(limit));
  for (std::uint32_t i = 0; i < alike; ++i) {
    found.add({near[i].moment, near[i].distance * metres * metres, &learnt}, limit);
  }
}

void Recall::add_recalled(Futures& futures, const Track& track, std::uint32_t count,
                          const LearntWays* learnt) const {
  const Way way = way_of(track, axes_, options_.spacing);
  Neighbours found;
  find_ways(way, count, found);
  if (learnt != nullptr) find_learnt(*learnt, way, track.fast_speed, count, found);
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
    for (std::uint32_t i = 0; i < kBlock; ++i) {
      if (sum[i] > kPlaceMax || run_[block + i] < first_run_here_) sum[i] = kNowhere;
    }
    return sum;
  };
  Neighbours found;
  find_nearest(count, distances, found);
  add_futures(futures, found, Expert::revisited, track);
}

}  // namespace nf
