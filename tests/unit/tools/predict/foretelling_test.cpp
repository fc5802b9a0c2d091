#include "tools/predict/foretelling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nf::predict {
namespace {

// A row of boxes along x, each 10 wide and needed within 20; the mover's fast speed is 10.
class Row : public ::testing::Test {
 protected:
  void start(const char* map = "m") {
    policy_->begin({.map = map,
                    .dt = 0.1,
                    .bytes_per_second = 1e6,
                    .pipeline_seconds = 0.1,
                    .memory = 1e6,
                    .vstar = 10,
                    .flat = false,
                    .levels = 1});
    policy_->level(0, 20);
    for (std::uint32_t id = 0; id < 60; ++id) {
      policy_->container(id, {0, {{10.0 * id, -5, -5}, {10.0 * id + 10, 5, 5}}, 1000});
    }
  }
  const Answer& at(double seconds, WorldPosition place) {
    answer_.clear();
    policy_->update(seconds, place, answer_);
    return answer_;
  }
  const Answer& walk(double seconds, double speed) {
    for (double t = 0; t < seconds; t += 0.1) at(t, {200 + speed * t, 0, 0});
    return answer_;
  }
  bool wants(std::uint32_t id) const {
    return std::any_of(answer_.want.begin(), answer_.want.end(),
                       [id](const Scored& one) { return one.id == id; });
  }

  std::unique_ptr<Policy> policy_ = std::make_unique<Foretelling>(0.3);
  Answer answer_;
};

TEST_F(Row, wants_what_it_stands_in_first_of_all) {
  start();
  at(0, {205, 0, 0});
  ASSERT_TRUE(wants(20));
  for (const Scored& one : answer_.want) EXPECT_LE(one.score, 1);
}

TEST_F(Row, wants_what_lies_ahead_and_not_what_lies_behind) {
  start();
  walk(6, 10);              // it stands at 259
  EXPECT_TRUE(wants(28));   // from 280 - 20 on it is needed
  EXPECT_FALSE(wants(20));  // behind, and no longer near
}

TEST_F(Row, keeps_what_is_there_and_rather_what_is_ahead) {
  start();
  for (const std::uint32_t id : {5u, 22u, 29u}) policy_->state(id, Stage::usable);
  walk(6, 10);
  const auto score = [&](std::uint32_t id) {
    for (const Scored& one : answer_.keep) {
      if (one.id == id) return one.score;
    }
    return 0.0F;
  };
  EXPECT_FALSE(wants(29));
  EXPECT_GT(score(29), score(22));
  EXPECT_GE(score(22), score(5));
}

TEST_F(Row, forgets_the_containers_of_a_trace_but_not_what_it_learnt_of_the_map) {
  start();
  walk(6, 10);
  start();
  walk(6, 10);
  EXPECT_TRUE(wants(28));
  start("another");
  walk(6, 10);
  EXPECT_TRUE(wants(28));
}

TEST_F(Row, gives_scores_that_are_numbers_whatever_comes) {
  start();
  for (const double speed : {0.0, 1e-9, 10.0, 1e6, -1e6}) {
    for (double t = 0; t < 3; t += 0.1) {
      for (const Scored& one : at(t, {200 + speed * t, 0, 0}).want) {
        EXPECT_GT(one.score, 0);
        EXPECT_LE(one.score, 1);
      }
      for (const Scored& one : answer_.keep) EXPECT_TRUE(std::isfinite(one.score));
    }
  }
}

}  // namespace
}  // namespace nf::predict
