#include "core/residency/dropped_needs.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace nf {
namespace {

class DroppedNeedsTest : public testing::Test {
 protected:
  void end_frame() {
    over_.clear();
    needs_.end_frame([this](ContainerId id) { return id == there_; },
                     [this](Time since) { over_.push_back(since.ns); });
  }

  DroppedNeeds needs_ = std::move(DroppedNeeds::make().value());
  ContainerId there_ = ContainerId::none();
  std::vector<std::int64_t> over_;
};

constexpr ContainerId kA{3}, kB{7};

TEST_F(DroppedNeedsTest, are_late_since_they_were_noted_first) {
  needs_.note(kB, Time{10});
  needs_.note(kA, Time{10});
  end_frame();
  EXPECT_EQ(needs_.late(Time{10}), 0u) << "not yet";
  for (const std::int64_t now : {20, 30}) {
    needs_.note(kA, Time{now});
    needs_.note(kB, Time{now});
    needs_.note(kB, Time{now - 15});  // from one that was active until now
    end_frame();
    EXPECT_TRUE(over_.empty());
    EXPECT_EQ(needs_.late(Time{now}), 2u);
  }
  EXPECT_EQ(needs_.take(kA), Time{10});
  EXPECT_EQ(needs_.take(kB), Time{5});
}

TEST_F(DroppedNeedsTest, are_over_when_they_are_noted_no_more) {
  needs_.note(kA, Time{10});
  needs_.note(kB, Time{11});
  end_frame();
  EXPECT_TRUE(needs_.holds(kA));
  needs_.note(kB, Time{20});
  end_frame();
  EXPECT_EQ(over_, std::vector<std::int64_t>{10});
  EXPECT_FALSE(needs_.holds(kA));
  end_frame();
  EXPECT_EQ(over_, std::vector<std::int64_t>{11});
  EXPECT_EQ(needs_.late(Time{99}), 0u);
}

TEST_F(DroppedNeedsTest, are_anothers_once_they_were_taken) {
  needs_.note(kA, Time{10});
  end_frame();
  EXPECT_EQ(needs_.take(kB), Time::never());
  EXPECT_EQ(needs_.take(kA), Time{10});
  EXPECT_EQ(needs_.take(kA), Time::never());
  EXPECT_FALSE(needs_.holds(kA));
  end_frame();
  EXPECT_TRUE(over_.empty());
}

TEST_F(DroppedNeedsTest, that_are_over_are_nobodys) {
  needs_.note(kA, Time{10});
  needs_.note(kB, Time{11});
  end_frame();
  needs_.note(kB, Time{20});
  EXPECT_EQ(needs_.take_noted(kA), Time::never());
  EXPECT_EQ(needs_.take_noted(kB), Time{11});
  there_ = kB;
  end_frame();
  EXPECT_EQ(over_, std::vector<std::int64_t>{10});
}

TEST_F(DroppedNeedsTest, are_taken_in_the_frame_in_which_they_were_noted_first) {
  needs_.note(kA, Time{20});
  needs_.note(kA, Time{5});  // from one that was active until now
  EXPECT_EQ(needs_.take_noted(kA), Time{5});
  there_ = kA;
  end_frame();
  EXPECT_TRUE(over_.empty());
  EXPECT_FALSE(needs_.holds(kA));
}

TEST_F(DroppedNeedsTest, are_none_of_what_is_there) {
  there_ = kA;
  needs_.note(kA, Time{10});
  end_frame();
  EXPECT_FALSE(needs_.holds(kA));
  end_frame();
  EXPECT_TRUE(over_.empty());
}

TEST_F(DroppedNeedsTest, beyond_a_limit_are_only_counted) {
  const std::uint32_t count = DroppedNeeds::kNamedMax + 5;
  for (std::uint32_t id = 0; id < count; ++id) needs_.note(ContainerId{id}, Time{1});
  needs_.note_unnamed(2);
  end_frame();
  EXPECT_EQ(needs_.late(Time{2}), count + 2);
  for (std::uint32_t id = count; id-- > 0;) needs_.note(ContainerId{id}, Time{2});
  end_frame();
  EXPECT_TRUE(over_.empty()) << "all of them are needed yet";
  EXPECT_EQ(needs_.late(Time{3}), count);
  end_frame();
  EXPECT_EQ(needs_.late(Time{4}), 0u);
}

}  // namespace
}  // namespace nf
