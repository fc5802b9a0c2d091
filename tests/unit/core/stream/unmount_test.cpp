// When an archive that was taken away is let go: not while anything of it is used, and then soon.
#include <nearfield/streamer.h>

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

class UnmountTest : public TinyStage {
 protected:
  static constexpr std::uint32_t kRooms = 8;
  static constexpr int kSoon = 4;  // frames

  // The world twice; the second is the one that goes.
  void open_two(const StreamerOptions& options, const DeviceFaults& faults = {}) {
    world_ = make_tiny_world({.rooms = kRooms});
    mount(options, {.model = kTest, .faults = {}});
    device_->set_faults(faults);
    other_ =
        streamer_->mount({.tables = &world_.tables, .file = device_->add_memory_file(world_.file)})
            .value();
  }
  ContainerId room(std::uint32_t i) const { return {other_.first.value + world_.room(i).value}; }
  bool mounted() const { return streamer_->mounted(other_.first); }
  void stand_at(double x) {
    if (observer_ == ObserverId::none()) {
      observer_ = *streamer_->add_observer({.motion = {.position = {x, 0, 0}}}, now_);
    }
    streamer_->move_observer(observer_, {.position = {x, 0, 0}}, now_);
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = now_ + 20_ms;
      const FrameEvents events = streamer_->update(now_);
      for (const Bind& bind : events.unbound) bound_.erase(bind.container);
      for (const Bind& bind : events.bound) bound_.insert(bind.container);
    }
  }
  std::size_t bound_to_other() const {
    std::size_t count = 0;
    for (const ContainerId id : bound_) count += other_.contains(id) ? 1 : 0;
    return count;
  }

  ContainerRange other_;
  ObserverId observer_;
  std::set<ContainerId> bound_;
};

TEST_F(UnmountTest, waits_for_the_last_pin_whatever_comes_and_goes_meanwhile) {
  open_two({});
  pins_.push_back(streamer_->pin(room(1)));
  pins_.push_back(streamer_->pin(room(5)));
  stand_at(100);
  frames(20);
  ASSERT_TRUE(pins_[0].resident() && pins_[1].resident());
  ASSERT_TRUE(streamer_->unmount(other_.first));
  for (int i = 0; i < 20; ++i) {
    stand_at(100 * (i % 8));
    frames(5);
    ASSERT_TRUE(mounted());
  }
  pins_.erase(pins_.begin());
  frames(10 * kSoon);
  ASSERT_TRUE(mounted());
  ASSERT_TRUE(pins_[0].resident());
  pins_.clear();
  frames(kSoon);
  EXPECT_FALSE(mounted());
}

TEST_F(UnmountTest, waits_for_reads_that_hang) {
  open_two({.read_timeout = 60_s}, {.hang = 1});
  pins_.push_back(streamer_->pin(room(0)));
  frames(5);
  ASSERT_EQ(streamer_->state(room(0)), Residency::reading);
  ASSERT_TRUE(streamer_->unmount(other_.first));
  pins_.clear();
  frames(100);
  EXPECT_EQ(streamer_->state(room(0)), Residency::dormant);
  EXPECT_TRUE(mounted()) << "the disk may still write to its memory";
  frames(1000);  // it answers after 20 s
  EXPECT_FALSE(mounted());
}

TEST_F(UnmountTest, waits_until_all_were_told_that_it_is_gone) {
  open_two({.interest_sets = true, .binds_max = 1});
  std::vector<ObserverId> crowd;
  for (int i = 0; i < 6; ++i) crowd.push_back(*streamer_->add_observer({}, now_));
  frames(20);
  ASSERT_EQ(bound_to_other(), 1u);
  ASSERT_TRUE(streamer_->unmount(other_.first));
  frames(5);
  EXPECT_TRUE(mounted()) << "one is told a frame";
  frames(kSoon);
  EXPECT_FALSE(mounted());
  EXPECT_EQ(bound_to_other(), 0u);
}

}  // namespace
}  // namespace nf
