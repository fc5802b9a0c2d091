// What an engine may do wrong: ids of observers that are gone, calls from another thread.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "tests/unit/core/stream/tiny_stage.h"

namespace nf {
namespace {

using namespace literals;

class Misuse : public TinyStage {
 protected:
  Misuse() { open(make_tiny_world({}), {.interest_sets = true, .count_shares = true}); }

  ObserverId add() { return streamer_->add_observer({}, now_).value(); }
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      now_ = now_ + 10_ms;
      streamer_->update(now_);
    }
  }
  // Everything that takes an observer does nothing.
  void expect_none(ObserverId id) {
    streamer_->move_observer(id, {.position = {100, 0, 0}}, now_);
    streamer_->remove_observer(id);
    EXPECT_TRUE(streamer_->interest_of(id).empty());
    EXPECT_EQ(streamer_->share_of(id), Bytes{});
    EXPECT_EQ(streamer_->intend(id, Intent{}, now_).error().code, ErrorCode::invalid_argument);
    frames(5);
  }
};

TEST_F(Misuse, of_an_observer_that_is_gone_does_nothing) {
  const ObserverId gone = add();
  frames(20);
  EXPECT_FALSE(streamer_->interest_of(gone).empty());
  EXPECT_GT(streamer_->share_of(gone), Bytes{});
  streamer_->remove_observer(gone);
  expect_none(gone);
}

TEST_F(Misuse, of_an_observer_that_is_gone_leaves_the_next_one_alone) {
  const ObserverId gone = add();
  streamer_->remove_observer(gone);
  const ObserverId next = add();
  expect_none(gone);
  frames(20);
  const ContainerId room{1};
  EXPECT_EQ(std::vector<ContainerId>(streamer_->interest_of(next).begin(),
                                     streamer_->interest_of(next).end()),
            std::vector{room});
}

TEST_F(Misuse, of_what_never_was_an_observer_does_nothing) {
  expect_none({});
  expect_none(ObserverId{0});
  expect_none(ObserverId{7});
  expect_none(ObserverId{1u << 30});
  expect_none(ObserverId{(std::uint64_t{1} << 32) | 1});
}

TEST_F(Misuse, of_numbers_that_are_none_leaves_an_observer_where_it_was) {
  const ObserverId observer = add();
  frames(20);
  const std::size_t near = streamer_->interest_of(observer).size();
  ASSERT_GT(near, 0u);
  for (const double x : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e21}) {
    streamer_->move_observer(observer, {.position = {x, 0, 0}}, now_);
    frames(5);
    EXPECT_EQ(streamer_->interest_of(observer).size(), near) << x;
  }
}

TEST_F(Misuse, from_another_thread_names_the_rule) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(std::thread([this] { streamer_->update(now_); }).join(),
               "from a thread that did not create the Streamer");
}

}  // namespace
}  // namespace nf
