#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "core/base/prng.h"
#include "tools/predict/near_boxes.h"
#include "tools/predict/policy.h"

namespace nf::predict {
namespace {

// One container from x = 100 to 110, needed within 20; the mover's fast speed is 10.
class OneBox : public ::testing::Test {
 protected:
  void start(const char* name, double knob) {
    policy_ = make_policy(name, knob);
    policy_->begin({.map = "m",
                    .dt = 0.1,
                    .bytes_per_second = 1e6,
                    .pipeline_seconds = 0.1,
                    .memory = 1e6,
                    .vstar = 10,
                    .flat = false,
                    .levels = 1});
    policy_->level(0, 20);
    policy_->container(0, {0, {{100, -5, -5}, {110, 5, 5}}, 1000});
  }
  std::optional<float> wanted(double seconds, WorldPosition place) {
    answer_.clear();
    policy_->update(seconds, place, answer_);
    return answer_.want.empty() ? std::nullopt : std::optional(answer_.want[0].score);
  }

  std::unique_ptr<Policy> policy_;
  Answer answer_;
};

TEST_F(OneBox, none_wants_nothing) {
  start("none", 0);
  EXPECT_FALSE(wanted(0, {79.9, 0, 0}));
}

TEST_F(OneBox, margin_wants_what_is_so_many_seconds_away) {
  start("margin", 2);
  EXPECT_FALSE(wanted(0, {59, 0, 0}));
  const auto far = wanted(0.1, {61, 0, 0}), near = wanted(0.2, {75, 0, 0});
  ASSERT_TRUE(far && near);
  EXPECT_GT(*near, *far);
  EXPECT_GT(*far, 0);
  EXPECT_LE(*near, 1);
}

TEST_F(OneBox, cv_wants_what_is_on_the_line) {
  start("cv", 4);
  EXPECT_FALSE(wanted(0, {60, 0, 0}));  // it has not moved yet
  EXPECT_TRUE(wanted(0.1, {61, 0, 0}));
  start("cv", 4);
  wanted(0, {60, 0, 0});
  EXPECT_FALSE(wanted(0.1, {59, 0, 0}));  // it goes away
}

TEST_F(OneBox, cv_sees_as_far_as_it_is_fast) {
  start("cv", 1);
  wanted(0, {-920, 0, 0});
  EXPECT_TRUE(wanted(0.1, {-820, 0, 0}));  // 1,000 metres a second, 100 times the fast speed
}

TEST_F(OneBox, what_is_read_is_kept_and_not_wanted) {
  start("margin", 2);
  policy_->state(0, Stage::partly);
  EXPECT_TRUE(wanted(0, {75, 0, 0}));
  policy_->state(0, Stage::pipeline);
  EXPECT_FALSE(wanted(0.1, {75, 0, 0}));
  ASSERT_EQ(answer_.keep.size(), 1u);
  policy_->state(0, Stage::absent);
  EXPECT_TRUE(wanted(0.2, {75, 0, 0}));
  EXPECT_TRUE(answer_.keep.empty());
}

TEST_F(OneBox, clocks_that_stand_or_run_back_give_no_velocity) {
  start("cv", 4);
  wanted(1, {60, 0, 0});
  EXPECT_FALSE(wanted(1, {61, 0, 0}));
  EXPECT_FALSE(wanted(0.5, {62, 0, 0}));
  EXPECT_TRUE(wanted(0.6, {63, 0, 0}));
}

TEST(PolicyKinds, can_all_be_made) {
  for (const PolicyKind& kind : policy_kinds()) {
    EXPECT_NE(make_policy(kind.name, kind.knobs.front()), nullptr) << kind.name;
    EXPECT_TRUE(std::is_sorted(kind.knobs.begin(), kind.knobs.end()));
  }
  EXPECT_EQ(make_policy("nobody", 1), nullptr);
}

TEST(NearBoxes, has_all_that_is_near_however_one_moves) {
  Prng chance(5);
  NearBoxes boxes;
  boxes.begin(30, 10);
  std::vector<NearBoxes::Box> all;
  const auto add = [&] {
    const WorldPosition low{chance.between(-500, 500), chance.between(-500, 500), 0};
    all.push_back({{low, low + WorldVector{10, 10, 1}},
                   chance.between(5, 50),
                   static_cast<std::uint32_t>(all.size())});
    boxes.add(all.back());
  };
  for (int i = 0; i < 500; ++i) add();
  WorldPosition place;
  for (int i = 0; i < 2000; ++i) {
    place = place + WorldVector{chance.between(-4, 4), chance.between(-4, 4), 0};
    if (i % 50 == 0) place = {chance.between(-500, 500), chance.between(-500, 500), 0};
    if (i % 7 == 0) add();
    const auto near = boxes.around(place);
    for (const NearBoxes::Box& box : all) {
      if (distance_to(box.box, place) > box.reach + 30) continue;
      ASSERT_TRUE(std::any_of(near.begin(), near.end(),
                              [&](const NearBoxes::Box& listed) { return listed.id == box.id; }));
    }
  }
}

}  // namespace
}  // namespace nf::predict
