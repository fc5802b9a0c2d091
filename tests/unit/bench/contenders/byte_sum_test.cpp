#include "bench/contenders/byte_sum.h"

#include <gtest/gtest.h>

#include <string_view>

namespace nf::bench {
namespace {

PathHash sum_of(std::initializer_list<std::string_view> assets) {
  ByteSum sum;
  for (const std::string_view asset : assets) sum.add(std::as_bytes(std::span(asset)));
  return sum.value();
}

TEST(ByteSum, is_the_same_in_any_order) {
  EXPECT_EQ(sum_of({"texture", "mesh", "sound"}), sum_of({"sound", "texture", "mesh"}));
}

TEST(ByteSum, sees_another_byte_a_missing_asset_and_one_that_came_twice) {
  const PathHash right = sum_of({"texture", "mesh"});
  EXPECT_NE(right, sum_of({"texture", "mesb"}));
  EXPECT_NE(right, sum_of({"texture"}));
  EXPECT_NE(right, sum_of({"texture", "mesh", "mesh"}));
}

TEST(ByteSum, tells_an_asset_from_its_parts) {
  EXPECT_NE(sum_of({"texture", "mesh"}), sum_of({"text", "uremesh"}));
}

}  // namespace
}  // namespace nf::bench
