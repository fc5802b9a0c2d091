#include "core/schedule/activation_costs.h"

#include <gtest/gtest.h>

namespace nf {
namespace {

using namespace literals;

constexpr ContainerId kRoom{7};
constexpr ForetoldCost kAuthored{.microseconds = 200, .by_author = true};
constexpr ForetoldCost kDefault{.microseconds = 100};

class ActivationCostsTest : public testing::Test {
 protected:
  void report(ContainerId id, Duration measured, ForetoldCost foretold = kAuthored) {
    costs_.report(id, Activation::arrival, measured, foretold);
  }
  Duration expected(ContainerId id, ForetoldCost foretold = kAuthored) const {
    return costs_.expected(id, Activation::arrival, foretold);
  }
  ActivationCosts costs_ = std::move(*ActivationCosts::create());
};

TEST_F(ActivationCostsTest, believes_what_was_foretold_until_something_is_measured) {
  EXPECT_EQ(expected(kRoom), 200_us);
  EXPECT_EQ(expected(kRoom, kDefault), 100_us);
}

TEST_F(ActivationCostsTest, believes_what_was_measured_and_smooths_it) {
  report(kRoom, 800_us);
  EXPECT_EQ(expected(kRoom), 800_us);
  report(kRoom, 400_us);
  EXPECT_EQ(expected(kRoom), 700_us);
  for (int i = 0; i < 60; ++i) report(kRoom, 400_us);
  EXPECT_NEAR(static_cast<double>(expected(kRoom).ns), 400e3, 10);
}

TEST_F(ActivationCostsTest, believes_nothing_of_what_had_an_id_before) {
  report({20'000}, 800_us);  // has the place of another
  report({9}, 30_ms);
  report({11}, 800_us);
  costs_.forget({{3}, {11}});
  EXPECT_LT(expected({9}), 1_ms);
  EXPECT_EQ(expected({11}), 800_us);
  EXPECT_EQ(expected({20'000}), 800_us);
  costs_.forget({{0}, {100'000}});
  EXPECT_NE(expected({20'000}), 800_us);
}

TEST_F(ActivationCostsTest, keeps_what_arriving_costs_apart_from_what_leaving_costs) {
  report(kRoom, 800_us);
  EXPECT_EQ(costs_.expected(kRoom, Activation::leaving, {.microseconds = 50}), 50_us);
  costs_.report(kRoom, Activation::leaving, 10_us, {.microseconds = 50});
  EXPECT_EQ(costs_.expected(kRoom, Activation::leaving, {.microseconds = 50}), 10_us);
  EXPECT_EQ(expected(kRoom), 800_us);
}

TEST_F(ActivationCostsTest, learns_by_how_much_authors_are_off) {
  for (std::uint32_t id = 0; id < 500; ++id) report({id}, 600_us);
  EXPECT_NEAR(expected({9'000}).seconds(), 600e-6, 40e-6);
  EXPECT_EQ(expected({9'000}, kDefault), 100_us) << "which says nothing about those without one";
}

TEST_F(ActivationCostsTest, is_moved_little_by_a_few_that_are_absurd) {
  for (std::uint32_t id = 0; id < 500; ++id) report({id}, id % 10 == 0 ? 1_s : 200_us);
  EXPECT_NEAR(expected({9'000}).seconds(), 200e-6, 40e-6);
}

TEST_F(ActivationCostsTest, clamps_what_cannot_be) {
  report({1}, {INT64_MAX});
  report({2}, {INT64_MIN});
  EXPECT_EQ(expected({1}), 1_s);
  EXPECT_EQ(expected({2}), 0_s);
  report({1}, {INT64_MIN});
  EXPECT_EQ(expected({1}), 750_ms);
  for (int i = 0; i < 10'000; ++i) report({1}, {INT64_MAX});
  EXPECT_EQ(expected({3}), 3200_us);
  for (int i = 0; i < 10'000; ++i) report({1}, {});
  EXPECT_GE(expected({3}), 12_us);
  EXPECT_EQ(expected({3}, {.microseconds = ~0u, .by_author = true}) < 3600_s, true);
}

TEST_F(ActivationCostsTest, forgets_one_for_another_in_its_place_and_falls_back_to_the_foretold) {
  report({5}, 900_us);
  report({5 + (1u << 14)}, 100_us);
  EXPECT_EQ(expected({5 + (1u << 14)}), 100_us);
  EXPECT_NEAR(expected({5}).seconds(), 200e-6, 10e-6);
}

}  // namespace
}  // namespace nf
