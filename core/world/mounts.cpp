// Archives that come and go.
#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/radix_sort.h"
#include "core/world/world.h"

namespace nf {
namespace {

struct HashedPath {
  std::uint64_t low = 0;  // of the hash
  std::uint32_t local = 0;
};

// Local ids, ascending by the hash of their paths, whose low halves differ as a rule.
std::vector<std::uint32_t> order_by_path(const ContainerTable& table) {
  Result<Array<HashedPath>> paths = Array<HashedPath>::make(table.count());
  Result<Array<HashedPath>> scratch = Array<HashedPath>::make(table.count());
  NF_ASSERT(paths.has_value() && scratch.has_value());
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    (*paths)[i] = {.low = table.path_hash[i].low, .local = i};
  }
  radix_sort(paths->span(), scratch->span(), [](const HashedPath& path) { return path.low; });
  std::vector<std::uint32_t> order(table.count());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = (*paths)[i].local;
  const auto before = [&table](std::uint32_t a, std::uint32_t b) {
    return table.path_hash[a] < table.path_hash[b];
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) {
    std::sort(order.begin(), order.end(), before);
  }
  return order;
}

}  // namespace

World::World(std::uint32_t spawned_max) : spawned_max_(spawned_max) {
  NF_ASSERT(spawned_max <= kContainersMax);
  NF_ASSERT(bodies_.reserve(spawned_max + 1, spawned_max).has_value());
  Body root;
  root.index = std::make_shared<const PlaceIndex>();
  bodies_.add(std::move(root));
  container_count_ = spawned_max;
  make_seats();
  spawned_of_.resize(spawned_max, kNoSpawned);
  spawned_.reserve(spawned_max);
  free_spawned_.reserve(spawned_max);
  free_spawned_ids_.reserve(std::size_t{spawned_max} + 1);
  if (spawned_max > 0) free_spawned_ids_.push_back({ContainerId{0}, ContainerId{spawned_max}});
}

std::uint32_t World::container_count_with(const WorldTables& tables) const {
  const std::uint32_t count = tables.containers.count();
  for (const ContainerRange& range : free_ranges_) {
    if (range.count() >= count) return container_count_;
  }
  return container_count_ + count;
}

std::uint32_t World::body_count_with(const WorldTables& tables, bool apart) const {
  return bodies_.count() + bodies_most(tables, apart) + spawned_max_;
}

// For all numbers there are; with some to spare, as what is not touched takes no memory.
void World::make_seats() {
  if (container_count_ <= seats_.size()) return;
  Result<Array<Seat>> more = Array<Seat>::make(container_count_ + seats_.size() / 4);
  NF_ASSERT(more.has_value());
  std::copy(seats_.begin(), seats_.end(), more->begin());
  seats_ = std::move(*more);
}

// The first numbers that are free in one piece, or new ones.
ContainerRange World::take_numbers(std::uint32_t count) {
  const auto at =
      std::find_if(free_ranges_.begin(), free_ranges_.end(),
                   [count](const ContainerRange& range) { return range.count() >= count; });
  if (at == free_ranges_.end()) {
    const ContainerRange range{ContainerId{container_count_},
                               ContainerId{container_count_ + count}};
    container_count_ += count;
    make_seats();
    return range;
  }
  const ContainerRange range{at->first, ContainerId{at->first.value + count}};
  at->first = range.last;
  if (at->count() == 0) free_ranges_.erase(at);
  return range;
}

Result<ContainerRange> World::mount(const WorldTables& tables, FileId file, bool apart) {
  const std::uint32_t count = tables.containers.count();
  if (count == 0) return Error{.code = ErrorCode::invalid_argument};
  if (count > kContainersMax || container_count_with(tables) > kContainersMax) {
    return Error{.code = ErrorCode::limit_exceeded};
  }
  const std::uint32_t bodies_max = body_count_with(tables, apart);
  if (auto room = bodies_.reserve(bodies_max, spawned_max_); !room) return room.error();
  const ContainerRange range = take_numbers(count);
  const auto after =
      std::upper_bound(mounts_.begin(), mounts_.end(), range.first,
                       [](ContainerId wanted, const Mount& m) { return wanted < m.range.first; });
  Mount& mount = *mounts_.insert(after, {.tables = &tables,
                                         .file = file,
                                         .range = range,
                                         .apart = apart,
                                         .order = ++mounts_version_,
                                         .by_path = order_by_path(tables.containers),
                                         .levels = Levels::of(tables),
                                         .templates = {}});
  // One before each of them and one at the end, and one more while two are joined.
  free_ranges_.reserve(mounts_.size() + 2);
  place_all(mount);
  mount.templates.find_needs(tables, mount.levels);
  if (!apart) bodies_.set_index(kRootBody, index_of_root());
  return range;
}

Mount* World::mount_with_root(ContainerId root) {
  const auto at = std::find_if(mounts_.begin(), mounts_.end(),
                               [root](const Mount& m) { return m.range.first == root; });
  return at == mounts_.end() ? nullptr : &*at;
}

Result<void> World::unmount(ContainerId root, Time now) {
  Mount* mount = mount_with_root(root);
  Error error{
      .code = ErrorCode::not_found, .subject_kind = Subject::container, .subject = root.value};
  if (mount == nullptr || mount->closing) return error;
  error.code = ErrorCode::in_use;
  for (const Spawned& spawned : spawned_) {
    if (spawned.range.count() == 0 || !mount->range.contains(spawned.of)) continue;
    error.subject = spawned.range.first.value;
    return error;
  }
  const auto is_leaving = [&](BodyId body) {
    return !bodies_[body].removed && mount->range.contains(bodies_[body].range.first);
  };
  for (BodyId body{0}; body.value < bodies_.count(); ++body.value) {
    if (is_leaving(body) && !may_go(body, mount->range)) return error;
  }
  for (BodyId body{0}; body.value < bodies_.count(); ++body.value) {
    if (is_leaving(body)) set_adrift(body, mount->range, now);
  }
  for (BodyId body{0}; body.value < bodies_.count(); ++body.value) {
    const bool stays = !bodies_[body].removed && !is_leaving(body);
    if (!stays || !mount->range.contains(bodies_[body].stated_in)) continue;
    // Nowhere else does a container stand without its body.
    NF_ASSERT(bodies_[body].parent == kRootBody);
    bodies_.state_in_parent(body);
  }
  bodies_.remove_all(mount->range);
  mount->closing = true;
  ++mounts_version_;
  if (!mount->apart) bodies_.set_index(kRootBody, index_of_root());
  return {};
}

void World::forget(ContainerId root) {
  const Mount* mount = mount_with_root(root);
  NF_ASSERT(mount != nullptr && mount->closing);
  give_back(free_ranges_, mount->range);
  mounts_.erase(mounts_.begin() + (mount - mounts_.data()));
}

void World::give_back(std::vector<ContainerRange>& free, ContainerRange range) {
  const auto after = std::upper_bound(
      free.begin(), free.end(), range.first,
      [](ContainerId wanted, const ContainerRange& r) { return wanted < r.first; });
  const auto at = free.insert(after, range);
  const auto next = std::next(at);
  if (next != free.end() && next->first == at->last) {
    at->last = next->last;
    free.erase(next);
  }
  if (at == free.begin()) return;
  const auto before = std::prev(at);
  if (before->last != at->first) return;
  before->last = at->last;
  free.erase(at);
}

}  // namespace nf
