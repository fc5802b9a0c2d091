// What comes and goes while the world runs: spawned templates, frames that get another parent,
// archives that are taken away.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/prng.h"
#include "core/io/sim_device.h"
#include "core/world/pose.h"
#include "core/world/world.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

// In the archive: a station that moves, with a hangar; a ship that can be spawned, with a bridge, a
// finer level of its hull, and a lift that moves in it, with a cabin; a rock.
constexpr std::uint32_t kStation = 1, kHangar = 2, kShip = 3, kHull = 4, kBridge = 5, kLift = 6,
                        kCabin = 7, kRock = 8;
constexpr std::uint32_t kShipCount = 5;
constexpr std::uint32_t kSpawnedMax = 22;  // four ships, and two containers over

TinyWorld station_world() {
  TinyWorld world = make_tiny_world({.rooms = 8});
  ContainerTable& table = world.tables.containers;
  const auto put = [&](std::uint32_t id, std::uint32_t parent, std::uint32_t end, WorldPosition at,
                       ContainerFlags flags = ContainerFlags::none) {
    table.parent[id] = parent;
    table.subtree_end[id] = end;
    table.position[id] = at;
    table.flags[id] = flags;
  };
  put(kStation, 0, 3, {}, ContainerFlags::moves);
  put(kHangar, kStation, 3, {40, 0, 0});
  put(kShip, 0, 8, {1000, 0, 0}, ContainerFlags::moves | ContainerFlags::template_root);
  put(kHull, kShip, 5, {});
  put(kBridge, kShip, 6, {0, 30, 0});
  put(kLift, kShip, 8, {0, -20, 0}, ContainerFlags::moves);
  put(kCabin, kLift, 8, {5, 0, 0});
  put(kRock, 0, 9, {0, 0, 500});
  table.refinement[kHull] = Refinement::replace;
  table.load_distance[kHull] = 4;
  NF_ASSERT(check_world(world.tables));
  return world;
}

FrameMotion at(WorldPosition position, WorldRotation rotation = {}) {
  return {.position = position, .rotation = rotation};
}

class SpawnTest : public testing::Test {
 protected:
  SpawnTest()
      : world_(station_world()),
        device_(SimDeviceOptions{.model = {.name = "test"}, .faults = {}}) {
    const StreamerOptions options{.memory_budget = 1_MiB,
                                  .device = &device_,
                                  .decode_workers = 0,
                                  .spawned_max = kSpawnedMax};
    streamer_.emplace(std::move(*Streamer::create(options)));
    range_ = mount();
  }
  ContainerRange mount(bool apart = false) {
    auto range = streamer_->mount(
        {.tables = &world_.tables, .file = device_.add_memory_file(world_.file), .apart = apart});
    NF_ASSERT(range);
    return *range;
  }
  ContainerId packed(std::uint32_t local) const { return {range_.first.value + local}; }
  ContainerId part(ContainerId ship, std::uint32_t local) const {
    return {ship.value + (local - kShip)};
  }
  Result<ContainerId> spawn(ContainerId parent, const FrameMotion& motion) {
    return streamer_->spawn(packed(kShip), parent, motion, now_);
  }
  ObserverId observe(const Motion& motion, float scale = 1) {
    return *streamer_->add_observer({.motion = motion, .bubble_scale = scale}, now_);
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = now_ + 10_ms;
      const FrameEvents events = streamer_->update(now_);
      for (const ContainerId id : events.leaving) log_.push_back("-" + std::to_string(id.value));
      for (const ContainerId id : events.arrived) log_.push_back("+" + std::to_string(id.value));
      EXPECT_TRUE(events.failed.empty());
    }
  }
  bool resident(ContainerId id) const { return streamer_->state(id) == Residency::resident; }
  bool logged(char sign, ContainerId id) const {
    return std::count(log_.begin(), log_.end(), sign + std::to_string(id.value)) > 0;
  }

  TinyWorld world_;
  SimDevice device_;
  std::optional<Streamer> streamer_;
  ContainerRange range_;
  Time now_{1};
  std::vector<std::string> log_;
};

TEST_F(SpawnTest, numbers_what_is_spawned_before_what_is_packed) {
  EXPECT_EQ(range_.first, ContainerId{kSpawnedMax});
  const ContainerId first = *spawn({}, at({}));
  const ContainerId second = *spawn({}, at({}));
  EXPECT_EQ(first, ContainerId{0});
  EXPECT_EQ(second, ContainerId{kShipCount});
  EXPECT_EQ(streamer_->template_of(part(second, kBridge)), packed(kBridge));
  EXPECT_EQ(streamer_->template_of(packed(kBridge)), ContainerId::none());
}

TEST_F(SpawnTest, brings_the_bytes_of_the_template_once_for_all) {
  observe({{0, 2000, 0}, {}});
  frames(5);
  const Bytes before = streamer_->stats().memory;
  std::vector<ContainerId> ships;
  for (int i = 0; i < 4; ++i) ships.push_back(*spawn({}, at({i * 2.0, 1980, 0})));
  frames(20);
  for (const ContainerId ship : ships) {
    const ContainerId bridge = part(ship, kBridge);
    ASSERT_TRUE(resident(bridge));
    const Pin pin = streamer_->pin(bridge);
    const auto bytes = pin.find(asset_id("all"));
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 10'000u);
    EXPECT_EQ((*bytes)[77], TinyWorld::byte_at({kBridge}, 77));
    const auto came = std::find(log_.begin(), log_.end(), "+" + std::to_string(bridge.value));
    const auto bytes_came =
        std::find(log_.begin(), log_.end(), "+" + std::to_string(packed(kBridge).value));
    EXPECT_LT(bytes_came - log_.begin(), came - log_.begin());
  }
  EXPECT_LE((streamer_->stats().memory - before).value, 10'240u) << "the bridge alone is near";
  EXPECT_EQ(streamer_->stats().reads, 1u);
}

TEST_F(SpawnTest, gives_the_numbers_again_when_nothing_uses_them) {
  observe({{0, 2000, 0}, {}});
  const ContainerId ship = *spawn({}, at({0, 2000, 0}));
  frames(20);
  ASSERT_TRUE(resident(ship));
  Pin pin = streamer_->pin(part(ship, kBridge));
  ASSERT_TRUE(streamer_->despawn(ship, now_));
  EXPECT_FALSE(streamer_->despawn(ship, now_));
  EXPECT_EQ(streamer_->pin(ship).id(), ContainerId::none());
  frames(5);
  EXPECT_TRUE(logged('-', ship));
  EXPECT_TRUE(pin.resident()) << "a pin holds what was despawned";
  EXPECT_NE(*spawn({}, at({0, -9000, 0})), ship);
  pin = Pin();
  frames(5);
  EXPECT_EQ(streamer_->state(part(ship, kBridge)), Residency::dormant);
  EXPECT_EQ(*spawn({}, at({0, -9000, 0})), ship);
}

TEST_F(SpawnTest, learns_no_cost_of_what_is_gone) {
  const ContainerRange again = mount(true);
  const ContainerId ship = *spawn({}, at({0, -9000, 0}));
  ASSERT_TRUE(streamer_->unmount(again.first));
  ASSERT_TRUE(streamer_->despawn(ship, now_));
  frames(5);
  ASSERT_FALSE(streamer_->mounted(again.first));
  for (const ContainerId gone : {ContainerId{again.last.value - 1}, ship, ContainerId{9999}}) {
    streamer_->report_cost(gone, Activation::arrival, 1_ms);
    streamer_->report_cost(gone, Activation::leaving, 1_ms);
  }
}

TEST_F(SpawnTest, refuses_what_cannot_be) {
  const auto code = [](const auto& result) { return result ? ErrorCode::ok : result.error().code; };
  EXPECT_EQ(code(streamer_->spawn(packed(kRock), {}, at({}), now_)), ErrorCode::invalid_argument);
  EXPECT_EQ(code(streamer_->spawn(packed(kBridge), {}, at({}), now_)), ErrorCode::invalid_argument);
  EXPECT_EQ(code(streamer_->spawn({9999}, {}, at({}), now_)), ErrorCode::invalid_argument);
  EXPECT_EQ(code(spawn({3}, at({}))), ErrorCode::invalid_argument) << "no such parent";
  EXPECT_EQ(code(spawn(packed(kBridge), at({}))), ErrorCode::invalid_argument) << "has no place";
  EXPECT_EQ(code(spawn({}, at({NAN, 0, 0}))), ErrorCode::invalid_argument);
  EXPECT_EQ(code(spawn({}, at({}, {0, 0, 0, 0}))), ErrorCode::invalid_argument);
  const ContainerId ship = *spawn({}, at({}));
  EXPECT_EQ(code(streamer_->spawn(ship, {}, at({}), now_)), ErrorCode::invalid_argument);
  EXPECT_EQ(code(streamer_->despawn(part(ship, kBridge), now_)), ErrorCode::not_found);
  EXPECT_EQ(code(streamer_->despawn(packed(kStation), now_)), ErrorCode::not_found);
  EXPECT_EQ(code(streamer_->attach(ship, part(ship, kBridge), at({}), now_)),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code(streamer_->attach(part(ship, kBridge), {}, at({}), now_)),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code(streamer_->attach(packed(kRock), {}, at({}), now_)), ErrorCode::invalid_argument);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(spawn({}, at({})));
  EXPECT_EQ(code(spawn({}, at({}))), ErrorCode::limit_exceeded);
}

TEST_F(SpawnTest, gives_no_number_again_that_somebody_was_not_told_is_gone) {
  const StreamerOptions options{.memory_budget = 1_MiB,
                                .device = &device_,
                                .decode_workers = 0,
                                .interest_sets = true,
                                .binds_max = 1,
                                .spawned_max = kSpawnedMax};
  streamer_.emplace(std::move(*Streamer::create(options)));
  range_ = mount();
  const ObserverId observer = observe({}, 4);
  const ContainerId ship = *spawn({}, at({}));
  frames(20);
  ASSERT_GT(streamer_->interest_of(observer).size(), 4u);
  ASSERT_TRUE(streamer_->despawn(ship, now_));
  const auto is_told_of = [&](ContainerId id) {
    const auto told = streamer_->interest_of(observer);
    return std::count(told.begin(), told.end(), id) > 0;
  };
  int waited = 0;
  for (ContainerId again; again != ship; ++waited, frames(1)) {
    ASSERT_LT(waited, 20);
    const auto made = spawn({}, at({0, -9000, 0}));
    again = made ? *made : ContainerId::none();  // while all numbers are taken
    if (!made || again == ship) continue;
    ASSERT_TRUE(streamer_->despawn(again, now_));
  }
  for (std::uint32_t i = 0; i < kShipCount; ++i) EXPECT_FALSE(is_told_of({ship.value + i}));
  EXPECT_GT(waited, 2) << "one is told in each update";
}

TEST_F(SpawnTest, keeps_who_rides_through_docking_and_despawning) {
  const ContainerId ship = *spawn({}, at({0, 0, 300}));
  const ObserverId pilot = observe({{0, 28, 0}, {}, ship});
  frames(20);
  ASSERT_TRUE(resident(part(ship, kBridge)));
  log_.clear();
  ASSERT_TRUE(streamer_->attach(ship, packed(kHangar), at({0, 0, 0}), now_));
  frames(20);
  EXPECT_TRUE(resident(part(ship, kBridge)));
  EXPECT_FALSE(logged('-', part(ship, kBridge))) << "docking is no jump for who is inside";
  streamer_->move_observer(pilot, {{0, -30, 0}, {}, part(ship, kBridge)}, now_);
  frames(20);
  EXPECT_TRUE(resident(packed(kHangar))) << "the ship's origin is in its middle";
  ASSERT_TRUE(streamer_->despawn(ship, now_));
  frames(20);
  EXPECT_TRUE(logged('-', ship));
  EXPECT_TRUE(resident(packed(kHangar))) << "the pilot is where the ship was";
  streamer_->move_observer(pilot, {{0, 9000, 0}, {}, ship}, now_);
  frames(20);
  EXPECT_TRUE(resident(packed(kHangar))) << "a motion in a frame that is gone is ignored";
}

TEST_F(SpawnTest, takes_an_archive_away_and_mounts_another) {
  const ContainerRange other = mount(true);
  observe({{0, 0, 505}, {}});
  const ObserverId away = observe({{0, 0, 505}, {}, other.first});
  frames(20);
  const ContainerId rock{other.first.value + kRock};
  ASSERT_TRUE(resident(packed(kRock)));
  ASSERT_TRUE(resident(rock));
  Pin pin = streamer_->pin(rock);
  ASSERT_TRUE(streamer_->unmount(other.first));
  EXPECT_FALSE(streamer_->unmount(other.first));
  frames(10);
  EXPECT_TRUE(logged('-', rock) || pin.resident());
  EXPECT_TRUE(streamer_->mounted(other.first)) << "a pin holds it";
  pin = Pin();
  frames(10);
  EXPECT_FALSE(streamer_->mounted(other.first));
  EXPECT_TRUE(resident(packed(kRock)));
  EXPECT_TRUE(logged('-', rock));
  EXPECT_EQ(mount().first, other.first) << "its numbers are free";
  frames(20);
  EXPECT_TRUE(resident(rock)) << "in the root frame the first observer is near";
  streamer_->remove_observer(away);
}

TEST_F(SpawnTest, keeps_an_archive_while_something_is_spawned_from_it) {
  const ContainerId ship = *spawn({}, at({}));
  const Result<void> refused = streamer_->unmount(range_.first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::in_use);
  EXPECT_EQ(refused.error().subject, ship.value);
  ASSERT_TRUE(streamer_->despawn(ship, now_));
  frames(2);
  EXPECT_TRUE(streamer_->unmount(range_.first));
  frames(2);
  EXPECT_FALSE(streamer_->mounted(range_.first));
}

// Against a reckoning that composes every pose anew and looks at everything.
class RandomChanges : public SpawnTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  static constexpr double kScale = 3;

  struct Node {
    ContainerId parent;  // none: the root frame
    Pose pose;           // in its frame
    std::uint32_t local = 0;
    bool moves = false;  // begins a body
  };

  RandomChanges() : prng_(GetParam()) {
    for (std::uint32_t local = 0; local < range_.count(); ++local) {
      if (local >= kShip && local < kShip + kShipCount) continue;
      add(packed(local), local, local == 0 ? ContainerId::none() : packed(parent_of(local)));
    }
  }
  std::uint32_t parent_of(std::uint32_t local) const {
    return world_.tables.containers.parent[local];
  }
  void add(ContainerId id, std::uint32_t local, ContainerId parent) {
    const ContainerTable& table = world_.tables.containers;
    nodes_[id.value] = {.parent = parent,
                        .pose = {table.position[local], to_world(table.rotation[local])},
                        .local = local,
                        .moves = has(table.flags[local], ContainerFlags::moves)};
  }
  Pose absolute(ContainerId id) const {
    Pose pose;
    for (; id.valid(); id = nodes_.at(id.value).parent) {
      pose = to_outer(nodes_.at(id.value).pose, pose);
    }
    return pose;
  }
  Pose in_frame(const Pose& outer, const Pose& pose) const {
    return {to_inner(outer, pose.origin), normalized(inverse(outer.rotation) * pose.rotation)};
  }
  bool is_below(ContainerId id, ContainerId above) const {
    while (id.valid() && id != above) id = nodes_.at(id.value).parent;
    return id.valid();
  }
  // The first container around this one that is not in the range.
  ContainerId around(ContainerId id, ContainerRange leaving) const {
    while (id.valid() && leaving.contains(id)) id = nodes_.at(id.value).parent;
    return id;
  }
  ContainerId any() {
    const std::uint64_t at = prng_.below(nodes_.size() + 1);
    if (at == nodes_.size()) return {};
    return {std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(at))->first};
  }
  Pose any_pose() {
    const double angle = prng_.between(-2, 2);
    return {{prng_.between(-40, 40), prng_.between(-40, 40), prng_.between(-10, 10)},
            {0, 0, std::sin(angle / 2), std::cos(angle / 2)}};
  }
  static FrameMotion motion_of(const Pose& pose) { return at(pose.origin, pose.rotation); }

  void spawn_one() {
    const ContainerId parent = any();
    const Pose pose = any_pose();
    const Result<ContainerId> ship = spawn(parent, motion_of(pose));
    if (!ship) return;
    ships_.push_back(*ship);
    for (std::uint32_t i = 0; i < kShipCount; ++i) {
      add({ship->value + i}, kShip + i, i == 0 ? parent : part(*ship, parent_of(kShip + i)));
    }
    nodes_[ship->value].pose = pose;
  }
  void despawn_one() {
    if (ships_.empty()) return;
    const std::size_t at = prng_.below(ships_.size());
    const ContainerId ship = ships_[at];
    const ContainerRange range{ship, {ship.value + kShipCount}};
    for (auto& [id, node] : nodes_) {
      if (range.contains({id}) || !range.contains(node.parent)) continue;
      const ContainerId parent = around(node.parent, range);
      const Pose pose = in_frame(absolute(parent), absolute({id}));
      node.parent = parent;
      node.pose = pose;
    }
    if (range.contains(observer_at_.frame)) {
      const ContainerId frame = around(observer_at_.frame, range);
      const WorldPosition in_root = to_outer(absolute(observer_at_.frame), observer_at_.position);
      observer_at_ = {
          .position = to_inner(absolute(frame), in_root), .velocity = {}, .frame = frame};
    }
    for (std::uint32_t i = 0; i < kShipCount; ++i) nodes_.erase(ship.value + i);
    ships_.erase(ships_.begin() + static_cast<std::ptrdiff_t>(at));
    ASSERT_TRUE(streamer_->despawn(ship, now_));
  }
  void attach_one() {
    const ContainerId id = any();
    const ContainerId parent = any();
    if (!id.valid() || !nodes_[id.value].moves) return;
    const Pose pose = any_pose();
    const bool attached = streamer_->attach(id, parent, motion_of(pose), now_).has_value();
    ASSERT_EQ(attached, !is_below(parent, id));
    if (!attached) return;
    nodes_[id.value].parent = parent;
    nodes_[id.value].pose = pose;
  }
  void move_one() {
    const ContainerId id = any();
    if (!id.valid() || !nodes_[id.value].moves) return;
    nodes_[id.value].pose = any_pose();
  }
  void go() {
    const Pose pose = any_pose();
    observer_at_ = {.position = pose.origin, .velocity = {}, .frame = any()};
  }
  void pose_all() {
    for (const auto& [id, node] : nodes_) {
      if (!node.moves) continue;
      ASSERT_TRUE(streamer_->move_frame({id}, motion_of(node.pose), now_));
    }
    frames(1);
  }
  void settle() {
    // Longer than a forecast of eight seconds is kept.
    for (int i = 0; i < 120; ++i) {
      if (i > 0 || prng_.chance(0.5)) streamer_->move_observer(observer_, observer_at_, now_);
      pose_all();
    }
  }
  double away(ContainerId id) const {
    const Node& node = nodes_.at(id.value);
    const ContainerTable& table = world_.tables.containers;
    const bool refines = table.refinement[node.local] != Refinement::none;
    const WorldPosition center = absolute(refines ? node.parent : id).origin;
    const WorldPosition seen = to_outer(absolute(observer_at_.frame), observer_at_.position);
    const double load_distance = static_cast<double>(table.load_distance[node.local]);
    return length(seen - center) - 5 - kScale * load_distance;
  }
  void check() {
    for (const auto& [id, node] : nodes_) {
      if (node.local == 0) continue;
      const double load_distance =
          static_cast<double>(world_.tables.containers.load_distance[node.local]);
      const double ring = kScale * load_distance * 0.15;
      const double outside = away({id});
      if (outside < -1e-6) {
        EXPECT_TRUE(resident({id})) << id << " " << outside;
        ++(id < kSpawnedMax ? near_spawned_ : near_packed_);
      }
      // What it refines stays for it, and it has the smaller reach.
      if (outside > ring + 1e-6) {
        EXPECT_FALSE(resident({id})) << id << " " << outside;
      }
    }
    for (std::uint32_t id = 0; id < kSpawnedMax; ++id) {
      if (nodes_.contains(id)) continue;
      EXPECT_EQ(streamer_->state({id}), Residency::dormant) << id;
    }
  }

  Prng prng_;
  std::map<std::uint32_t, Node> nodes_;
  std::vector<ContainerId> ships_;
  Motion observer_at_{};
  ObserverId observer_;
  int near_spawned_ = 0;
  int near_packed_ = 0;
};

TEST_P(RandomChanges, agree_with_a_reckoning_that_looks_at_everything) {
  observer_ = observe(observer_at_, static_cast<float>(kScale));
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    for (std::uint64_t changes = 1 + prng_.below(3); changes > 0; --changes) {
      switch (prng_.below(5)) {
        case 0: spawn_one(); break;
        case 1: despawn_one(); break;
        case 2: attach_one(); break;
        case 3: move_one(); break;
        default: go();
      }
    }
    settle();
    check();
    if (HasFailure()) return;
  }
  EXPECT_GT(near_spawned_ + near_packed_, 40);
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomChanges, testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace nf
