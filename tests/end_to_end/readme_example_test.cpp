// The examples of README.md. The text between the markers is what README.md shows, to the letter,
// and it is run here on a tiny packed world.
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nearfield/nearfield.h>

#include "formats/pack/pack.h"
#include "tests/end_to_end/job_queue.h"

namespace {

constexpr std::size_t kRooms = 20;
constexpr double kSpacing = 100;  // metres from room to room, along x

std::string room_name(std::size_t room) {
  return "room_" + std::to_string(room);
}
std::string room_text(std::size_t room) {
  return "the walls of " + room_name(room);
}

// What an engine has of its own: a player who walks along a corridor and opens the next door when
// the room behind it is shown, so that the outcome does not hang on how busy the machine is.
class Game {
 public:
  nf::Time now() const { return {frame_ * 16'666'667}; }
  nf::Motion player() const {
    return {.position = {.x = x_}, .velocity = {.x = walking_ ? kSpeed : 0}};
  }
  bool running() {
    std::this_thread::sleep_for(std::chrono::microseconds(100));  // draws
    ++frame_;
    walking_ = x_ < kSpacing * static_cast<double>(rooms_.size());
    if (walking_) x_ += kSpeed / 60;
    if (x_ >= kSpacing * (kRooms - 1)) ++frames_at_end_;
    return frames_at_end_ < 60 && frame_ < 300'000;
  }
  void show(const nf::ContainerView& place, const nf::AssetView& asset) {
    rooms_[std::string(reinterpret_cast<const char*>(asset.bytes.data()), asset.bytes.size())] =
        place.frame.position.x;
  }
  void hide(nf::ContainerId) { ++hidden_; }

  const std::map<std::string, double>& rooms() const { return rooms_; }
  std::size_t hidden() const { return hidden_; }

 private:
  static constexpr double kSpeed = 500;  // metres a second

  std::int64_t frame_ = 0;
  double x_ = 0;
  bool walking_ = false;
  int frames_at_end_ = 0;
  std::map<std::string, double> rooms_;  // what their assets say, and where they were shown
  std::size_t hidden_ = 0;
};

}  // namespace

// clang-format off
// README begin
#include <nearfield/nearfield.h>
using namespace nf::literals;

nf::Result<void> play(Game& game, const char* world) {
  auto archive = nf::Archive::open(world);
  if (!archive) return archive.error();
  auto streamer = nf::Streamer::create({.memory_budget = 512_MiB});
  if (!streamer) return streamer.error();
  if (auto mounted = streamer->mount(archive->source()); !mounted) return mounted.error();
  auto player = streamer->add_observer({.motion = game.player()}, game.now());
  if (!player) return player.error();
  if (auto filled = streamer->fill(game.now(), 60_s); !filled) return filled.error();

  while (game.running()) {
    streamer->move_observer(*player, game.player(), game.now());
    const nf::FrameEvents frame = streamer->update(game.now());
    for (nf::ContainerId id : frame.leaving) game.hide(id);
    for (nf::ContainerId id : frame.arrived) {
      const nf::ContainerView place = streamer->container(id);
      const nf::Pin pin = streamer->pin(id);
      for (std::uint32_t i = 0; i < pin.asset_count(); ++i) game.show(place, pin.asset(i));
    }
  }
  return {};
}
// README end

// What an engine has of its own.
using nf::test::JobQueue;

// README engine begin
nf::Result<nf::Streamer> open_streamer(JobQueue& queue, std::span<std::byte> heap) {
  nf::StreamerOptions options;
  options.memory.containers = heap;
  options.decode_workers = 4;
  options.jobs.context = &queue;
  options.jobs.submit = [](void* to, nf::JobSystem::Job job, void* data) {
    static_cast<JobQueue*>(to)->push(job, data);
  };
  return nf::Streamer::create(options);
}
// README engine end

// README jump begin
nf::Result<nf::IntentId> spool_up(nf::Streamer& streamer, nf::ObserverId player,
                                  nf::ContainerId station, nf::Time now) {
  const nf::GateId gate = streamer.find_gate(station, "vega");
  return streamer.intend(player, gate, 18_s, 0.9f, now);
}
// README jump end
// clang-format on

namespace {

std::string text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  const std::size_t to = text.find(end, from + begin.size());
  if (to == std::string::npos) return {};
  return text.substr(from + begin.size(), to - from - begin.size());
}

// A corridor of rooms, each with one asset, needed from 150 metres.
nf::SourceWorld corridor() {
  nf::SourceWorld world;
  world.containers.emplace_back();
  for (std::size_t room = 0; room < kRooms; ++room) {
    nf::SourceContainer container;
    container.name = room_name(room);
    container.parent = 0;
    container.position = {.x = kSpacing * static_cast<double>(room)};
    container.bounds_kind = nf::BoundsKind::sphere;
    container.bounds_half_extent = {.x = 50, .y = 50, .z = 50};
    container.load_distance = 150;
    container.assets.push_back({.name = "walls", .origin = room_text(room)});
    world.containers.push_back(std::move(container));
  }
  world.load = [](const nf::SourceAsset& asset,
                  std::string&) -> nf::Result<std::vector<std::byte>> {
    std::vector<std::byte> bytes(asset.origin.size());
    std::memcpy(bytes.data(), asset.origin.data(), bytes.size());
    return bytes;
  };
  return world;
}

TEST(ReadmeExample, is_what_readme_shows) {
  const std::string source =
      text_of_file(NF_SOURCE_DIR "/tests/end_to_end/readme_example_test.cpp");
  const std::string compiled = between(source, "\n// README begin\n", "// README end\n");
  const std::string readme = text_of_file(NF_SOURCE_DIR "/README.md");
  ASSERT_FALSE(compiled.empty());
  EXPECT_EQ(compiled, between(readme, "```cpp\n", "```\n"));

  const std::string engine =
      between(source, "\n// README engine begin\n", "// README engine end\n");
  const std::size_t section = readme.find("\n## Into your build\n");
  ASSERT_FALSE(engine.empty());
  ASSERT_NE(section, std::string::npos);
  EXPECT_EQ(engine, between(readme.substr(section), "```cpp\n", "```\n"));

  const std::string jump = between(source, "\n// README jump begin\n", "// README jump end\n");
  ASSERT_FALSE(jump.empty());
  EXPECT_NE(readme.find("```cpp\n" + jump + "```\n"), std::string::npos);
}

TEST(ReadmeExample, says_that_a_gate_leads_nowhere) {
  auto streamer = nf::Streamer::create({.memory_budget = 4_MiB});
  ASSERT_TRUE(streamer);
  const nf::ObserverId player = streamer->add_observer({}, nf::Time{0}).value();
  const nf::Result<nf::IntentId> jump = spool_up(*streamer, player, {}, nf::Time{0});
  EXPECT_EQ(jump.error().code, nf::ErrorCode::not_found);
}

// The corridor, packed; gone with this.
class PackedCorridor {
 public:
  PackedCorridor() {
    std::filesystem::create_directories(folder_);
    std::string detail;
    const nf::Result<nf::PackReport> packed = nf::pack_world(corridor(), path(), {}, detail);
    EXPECT_TRUE(packed) << detail;
  }
  ~PackedCorridor() { std::filesystem::remove_all(folder_); }
  PackedCorridor(const PackedCorridor&) = delete;
  PackedCorridor& operator=(const PackedCorridor&) = delete;
  std::string path() const { return (folder_ / "corridor.nfa").string(); }

 private:
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("readme_example_" + std::to_string(::getpid()));
};

TEST(ReadmeExample, shows_every_room_of_a_packed_world) {
  const PackedCorridor packed;
  Game game;
  const nf::Result<void> played = play(game, packed.path().c_str());
  ASSERT_TRUE(played) << nf::error_text(played.error().code);
  EXPECT_EQ(game.rooms().size(), kRooms);
  for (std::size_t room = 0; room < kRooms; ++room) {
    ASSERT_TRUE(game.rooms().contains(room_text(room))) << room;
    EXPECT_EQ(game.rooms().at(room_text(room)), kSpacing * static_cast<double>(room));
  }
  EXPECT_GE(game.hidden(), kRooms - 5);
}

// What an engine meets where the player starts: rooms around it that are needed at once.
class Start : public testing::Test {
 protected:
  // 4 of the rooms are within their load distance there.
  void open(nf::StreamerOptions options) {
    archive_ = nf::Archive::open(packed_.path().c_str());
    ASSERT_TRUE(*archive_);
    options.memory_budget = 64_MiB;
    streamer_ = nf::Streamer::create(options);
    ASSERT_TRUE(*streamer_);
    ASSERT_TRUE((*streamer_)->mount((*archive_)->source()));
    const nf::Motion motion{.position = {.x = 5 * kSpacing + 50}};
    ASSERT_TRUE((*streamer_)->add_observer({.motion = motion}, kNow));
  }

  static constexpr nf::Time kNow{1'000'000'000};
  static constexpr std::size_t kRoomsAround = 4;
  PackedCorridor packed_;
  std::optional<nf::Result<nf::Archive>> archive_;
  std::optional<nf::Result<nf::Streamer>> streamer_;
};

TEST_F(Start, counts_nothing_as_late_that_a_loading_screen_brought) {
  open({});
  nf::Streamer& streamer = **streamer_;
  ASSERT_TRUE(streamer.fill(kNow, 60_s));
  EXPECT_TRUE(streamer.idle());
  const nf::FrameEvents first = streamer.update(kNow + 16_ms);
  EXPECT_GE(first.arrived.size(), kRoomsAround);
  for (const nf::Duration late : first.lateness) EXPECT_EQ(late, nf::Duration{});
  streamer.update(kNow + 32_ms);
  EXPECT_EQ(streamer.stats().late_arrivals, 0u);
  EXPECT_EQ(streamer.stats().late_now, 0u);
  EXPECT_EQ(streamer.stats().arrivals, first.arrived.size());
}

TEST_F(Start, is_late_as_a_whole_without_one) {
  open({});
  nf::Streamer& streamer = **streamer_;
  nf::Time now = kNow;
  do {
    streamer.update(now);
    streamer.wait_for_progress(10_ms);
    now = now + 16_ms;
  } while (!streamer.idle());
  EXPECT_GE(streamer.stats().late_arrivals, kRoomsAround);
}

TEST_F(Start, is_filled_whatever_may_be_read_in_a_second) {
  open({.read_per_second_max = 1_B});
  ASSERT_TRUE((*streamer_)->fill(kNow, 60_s));
  EXPECT_GE((*streamer_)->update(kNow).arrived.size(), kRoomsAround);
}

TEST_F(Start, says_that_it_is_not_filled_yet) {
  open({});
  EXPECT_EQ((*streamer_)->fill(kNow, {}).error().code, nf::ErrorCode::timed_out);
  EXPECT_TRUE((*streamer_)->fill(kNow, 60_s));
}

TEST(ReadmeExample, decodes_in_the_engines_jobs_into_its_memory) {
  const PackedCorridor packed;
  const auto archive = nf::Archive::open(packed.path().c_str());
  ASSERT_TRUE(archive);
  alignas(4096) static std::array<std::byte, 1 << 20> heap;
  JobQueue queue;
  auto streamer = open_streamer(queue, heap);
  ASSERT_TRUE(streamer) << nf::error_text(streamer.error().code);
  ASSERT_TRUE(streamer->mount(archive->source()));
  for (std::size_t room = 0; room < kRooms; ++room) {
    const nf::Pin pin = streamer->pin(streamer->find(room_name(room)));
    ASSERT_TRUE(streamer->wait(pin, nf::Time{}, 60_s)) << room;
    const std::span<const std::byte> bytes = pin.asset(0).bytes;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
              room_text(room));
    EXPECT_TRUE(bytes.data() >= heap.data() && &bytes.back() <= &heap.back());
  }
  EXPECT_GT(queue.ran(), 0);
}

TEST(ReadmeExample, says_that_a_world_is_not_there) {
  Game game;
  const nf::Result<void> played = play(game, "no_such_world.nfa");
  ASSERT_FALSE(played);
  EXPECT_EQ(played.error().code, nf::ErrorCode::not_found);
}

}  // namespace
