// Causes of lateness in words: each has its own, and they are counted and ranked.
#include "tools/nearfield/late_cause.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tools/nearfield/fly_summary.h"

namespace nf {
namespace {

TEST(LateCauseWords, are_there_for_every_cause_and_differ) {
  std::set<std::string> names, labels, whats, remedies;
  for (std::size_t i = 0; i < kLateCauses; ++i) {
    const CauseWords& words = words_of(static_cast<LateCause>(i));
    for (const char* text : {words.name, words.label, words.what, words.remedy}) {
      ASSERT_NE(text, nullptr) << i;
      EXPECT_GT(std::string(text).size(), 3u) << i;
    }
    names.insert(words.name);
    labels.insert(words.label);
    whats.insert(words.what);
    remedies.insert(words.remedy);
  }
  for (const auto& different : {names, labels, whats, remedies}) {
    EXPECT_EQ(different.size(), kLateCauses);
  }
}

TEST(LateCauseWords, name_what_the_runtime_means) {
  const auto name = [](LateCause cause) { return std::string(words_of(cause).name); };
  EXPECT_EQ(name(LateCause::none), "unknown");
  EXPECT_EQ(name(LateCause::foretold_too_late), "foretold_too_late");
  EXPECT_EQ(name(LateCause::disk), "disk");
  EXPECT_EQ(name(LateCause::decode), "decode");
  EXPECT_EQ(name(LateCause::memory), "memory");
  EXPECT_EQ(name(LateCause::budget), "budget");
  EXPECT_EQ(name(LateCause::dependency), "dependency");
  EXPECT_EQ(name(LateCause::failed), "failed");
}

TEST(FlySummary, ranks_the_causes_that_occurred) {
  FlyRecord record;
  for (const LateCause cause : {LateCause::memory, LateCause::failed, LateCause::disk,
                                LateCause::failed, LateCause::none, LateCause::failed}) {
    record.late.push_back({.id = {}, .seconds = 1, .lateness = 0.5, .cause = cause});
  }
  const FlySummary summary = summarize(record);
  EXPECT_EQ(summary.late, 6u);
  EXPECT_EQ(summary.late_by_cause[static_cast<std::size_t>(LateCause::failed)], 3u);
  EXPECT_EQ(summary.late_by_cause[static_cast<std::size_t>(LateCause::budget)], 0u);
  EXPECT_EQ(causes_seen(summary),
            (std::vector{LateCause::failed, LateCause::none, LateCause::disk, LateCause::memory}));
  EXPECT_TRUE(causes_seen(summarize({})).empty());
}

}  // namespace
}  // namespace nf
