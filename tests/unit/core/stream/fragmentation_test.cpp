// What is counted when memory is free, but in pieces. A world of small containers fills all of it;
// one of another world is twice as large as each of them.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include <nearfield/streamer.h>

#include "core/io/sim_device.h"
#include "tests/unit/core/stream/tiny_world.h"

namespace nf {
namespace {

using namespace literals;

class Fragmentation : public testing::Test {
 protected:
  static constexpr std::uint32_t kSmall = 32 << 10;

  void SetUp() override {
    device_.emplace(SimDeviceOptions{.model = {.name = "test"}, .faults = {}});
    auto made = Streamer::create(
        {.memory_budget = 512_KiB, .staging = 128_KiB, .device = &*device_, .decode_workers = 0});
    ASSERT_TRUE(made);
    streamer_.emplace(std::move(*made));
    small_range_ = mount(small_);
    large_range_ = mount(large_);
    fill();
  }
  void TearDown() override {
    large_pin_ = {};
    pins_.clear();
    streamer_.reset();
  }

  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = now_ + 10_ms;
      streamer_->update(now_);
    }
  }
  // The second and the fourth were let go; the large one takes their memory, which is in two
  // pieces, and finds nothing in its first try.
  void try_large() {
    pins_[1] = {};
    pins_[3] = {};
    frames(1);
    large_pin_ = streamer_->pin({large_range_.first.value + 1});
    frames(1);
    ASSERT_GE(stats().memory_free.value, 2 * kSmall);
    ASSERT_LT(stats().memory_free_largest.value, 2 * kSmall);
  }
  Stats stats() const { return streamer_->stats(); }

  std::vector<Pin> pins_;
  Pin large_pin_;

 private:
  ContainerRange mount(const TinyWorld& world) {
    const auto range =
        streamer_->mount({.tables = &world.tables, .file = device_->add_memory_file(world.file)});
    EXPECT_TRUE(range);
    return range ? *range : ContainerRange{};
  }
  void fill() {
    for (std::uint32_t id = 1; stats().memory_free.value >= kSmall; ++id) {
      ASSERT_LT(id, small_.tables.containers.count());
      pins_.push_back(streamer_->pin({small_range_.first.value + id}));
      frames(20);
      ASSERT_TRUE(pins_.back().resident());
    }
    ASSERT_GE(pins_.size(), 5u);
  }

  const TinyWorld small_ = make_tiny_world({.rooms = 20, .chunks = 1, .chunk_size = kSmall});
  const TinyWorld large_ = make_tiny_world({.rooms = 1, .chunks = 2, .chunk_size = kSmall});
  std::optional<SimDevice> device_;
  std::optional<Streamer> streamer_;
  ContainerRange small_range_, large_range_;
  Time now_ = {1'000'000'000};
};

TEST_F(Fragmentation, counts_each_try_that_found_enough_free_in_pieces_only) {
  try_large();
  EXPECT_EQ(stats().refused_by_fragmentation, 0u) << "nothing was free when it was tried";
  frames(1);
  EXPECT_EQ(stats().refused_by_fragmentation, 1u);
  frames(1);
  EXPECT_EQ(stats().refused_by_fragmentation, 2u);
  EXPECT_FALSE(large_pin_.resident());
}

TEST_F(Fragmentation, does_not_count_what_found_memory_by_letting_go_of_others) {
  try_large();
  pins_[2] = {};  // between the two pieces
  frames(20);
  EXPECT_TRUE(large_pin_.resident());
  EXPECT_EQ(stats().refused_by_fragmentation, 0u);
}

}  // namespace
}  // namespace nf
