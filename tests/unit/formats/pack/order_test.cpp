// Numbering: depth first, near beside near, dependencies first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "formats/pack/check_source.h"
#include "formats/pack/order.h"
#include "tests/unit/formats/pack/source_builder.h"

namespace nf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HilbertPosition, visits_every_cell_once_by_single_steps) {
  // The curve through the lowest 8 x 8 x 8 cells of the cube is a curve of its own.
  std::map<std::uint64_t, std::array<int, 3>> cells;
  for (int x = 0; x < 8; ++x) {
    for (int y = 0; y < 8; ++y) {
      for (int z = 0; z < 8; ++z) {
        const auto position =
            hilbert_position(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                             static_cast<std::uint32_t>(z));
        EXPECT_TRUE(cells.try_emplace(position, std::array<int, 3>{x, y, z}).second);
      }
    }
  }
  ASSERT_EQ(cells.size(), 512u);
  EXPECT_EQ(cells.rbegin()->first - cells.begin()->first, 511u);
  const std::array<int, 3>* before = nullptr;
  for (const auto& [position, cell] : cells) {
    if (before != nullptr) {
      EXPECT_EQ(std::abs(cell[0] - (*before)[0]) + std::abs(cell[1] - (*before)[1]) +
                    std::abs(cell[2] - (*before)[2]),
                1);
    }
    before = &cell;
  }
}

TEST(OrderWorld, numbers_depth_first_so_that_a_subtree_is_a_range) {
  SourceBuilder source;
  const std::uint32_t b = source.add("b");
  const std::uint32_t a = source.add("a");
  const std::uint32_t b2 = source.add("2", b);
  const std::uint32_t b1 = source.add("1", b);
  std::string detail;
  const Result<PackOrder> order = order_world(source.world(), detail);
  ASSERT_TRUE(order) << detail;
  EXPECT_THAT(order->source_of, ElementsAre(0u, a, b, b1, b2));
  EXPECT_THAT(order->subtree_end, ElementsAre(5u, 2u, 5u, 4u, 5u));
  EXPECT_EQ(order->number_of[b1], 3u);
}

TEST(OrderWorld, puts_what_is_near_in_the_world_near_on_disk) {
  SourceBuilder source;
  for (int i = 0; i < 400; ++i) {
    const int scattered = i * 173 % 400;
    source.add_placed("c" + std::to_string(i), {scattered % 20 * 100.0, scattered / 20 * 100.0, 0},
                      10);
  }
  std::string detail;
  const Result<PackOrder> order = order_world(source.world(), detail);
  ASSERT_TRUE(order) << detail;
  double steps = 0;
  for (std::size_t number = 2; number < order->source_of.size(); ++number) {
    const WorldPosition from = source.at(order->source_of[number - 1]).position;
    const WorldPosition to = source.at(order->source_of[number]).position;
    steps += std::hypot(to.x - from.x, to.y - from.y);
  }
  EXPECT_LT(steps / 398, 150.0);  // on average hardly more than the distance of neighbours
}

TEST(OrderWorld, puts_shared_containers_behind_what_they_depend_on) {
  SourceBuilder source;
  const std::uint32_t group = source.add("a");
  const std::uint32_t needs = source.add_shared("first by name", group);
  const std::uint32_t other = source.add("z");
  const std::uint32_t needed = source.add_shared("deep", source.add("deeper", other));
  source.depend(needs, needed);
  const std::uint32_t room = source.add("room");
  source.depend(room, needs);
  std::string detail;
  const Result<PackOrder> order = order_world(source.world(), detail);
  ASSERT_TRUE(order) << detail;
  EXPECT_LT(order->number_of[needed], order->number_of[needs]);
  EXPECT_THAT(order->dependencies[order->number_of[room]],
              ElementsAre(order->number_of[needed], order->number_of[needs]));
}

TEST(OrderWorld, keeps_its_promises_on_random_worlds) {
  Prng prng(42);
  for (int round = 0; round < 200; ++round) {
    SourceBuilder source;
    const std::uint32_t pool = source.add("pool");
    std::vector<std::uint32_t> shared;
    for (int i = 0; i < 12; ++i) {
      const std::uint32_t id = source.add_shared("s" + std::to_string(prng.next()), pool);
      for (const std::uint32_t on : shared) {
        if (prng.chance(0.2)) source.depend(id, on);
      }
      shared.push_back(id);
    }
    for (int i = 0; i < 20; ++i) {
      const std::uint32_t id =
          source.add_placed("p" + std::to_string(i), {prng.unit(), prng.unit(), 0}, 1);
      for (const std::uint32_t on : shared) {
        if (prng.chance(0.3)) source.depend(id, on);
      }
    }
    std::string detail;
    const Result<PackOrder> order = order_world(source.world(), detail);
    ASSERT_TRUE(order) << detail;
    for (std::uint32_t number = 0; number < order->source_of.size(); ++number) {
      const std::vector<std::uint32_t>& all = order->dependencies[number];
      EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
      const bool is_shared = source.at(order->source_of[number]).shared;
      for (const std::uint32_t on : all) {
        if (is_shared) {
          EXPECT_LT(on, number);
        }
        for (const std::uint32_t further : order->dependencies[on])
          EXPECT_TRUE(std::binary_search(all.begin(), all.end(), further));
      }
    }
  }
}

TEST(OrderWorld, refuses_a_circle_and_says_who) {
  SourceBuilder source;
  const std::uint32_t a = source.add_shared("a");
  const std::uint32_t b = source.add_shared("b");
  const std::uint32_t c = source.add_shared("c");
  source.depend(a, b);
  source.depend(b, c);
  source.depend(c, a);
  std::string detail;
  const Result<PackOrder> order = order_world(source.world(), detail);
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().code, ErrorCode::dependency_invalid);
  EXPECT_THAT(detail, HasSubstr("a > b > c > a"));
}

TEST(OrderWorld, refuses_groups_that_depend_on_each_others_members) {
  SourceBuilder source;
  const std::uint32_t left = source.add("left");
  const std::uint32_t right = source.add("right");
  const std::uint32_t a = source.add_shared("a", left);
  const std::uint32_t b = source.add_shared("b", left);
  const std::uint32_t c = source.add_shared("c", right);
  const std::uint32_t d = source.add_shared("d", right);
  source.depend(a, c);
  source.depend(d, b);
  std::string detail;
  EXPECT_FALSE(order_world(source.world(), detail));
  EXPECT_THAT(detail, HasSubstr("one parent"));
}

TEST(OrderWorld, refuses_a_dependency_on_something_inside) {
  SourceBuilder source;
  const std::uint32_t outer = source.add_shared("outer");
  const std::uint32_t inner = source.add_shared("inner", outer);
  source.depend(outer, inner);
  std::string detail;
  EXPECT_FALSE(order_world(source.world(), detail));
  EXPECT_THAT(detail, HasSubstr("inside"));
}

TEST(OrderWorld, takes_a_chain_of_dependencies_of_any_length) {
  SourceBuilder source;
  std::uint32_t before = source.add_shared("s0");
  for (int i = 1; i < 3000; ++i) {
    const std::uint32_t next = source.add_shared("s" + std::to_string(i));
    source.depend(next, before);
    before = next;
  }
  std::string detail;
  const Result<PackOrder> order = order_world(source.world(), detail);
  ASSERT_TRUE(order) << detail;
  EXPECT_EQ(order->dependencies[order->number_of[before]].size(), 2999u);
}

struct BadSource {
  const char* name;
  ErrorCode code;
  void (*spoil)(SourceBuilder&);
};

class CheckSourceRefusal : public ::testing::TestWithParam<BadSource> {};

TEST_P(CheckSourceRefusal, says_why) {
  SourceBuilder source;
  source.add_placed("planet", {1, 2, 3}, 10);
  source.put(1, "a.txt", noise_bytes(3, 1));
  std::string detail;
  ASSERT_TRUE(check_source(source.world(), detail)) << detail;
  GetParam().spoil(source);
  const Result<void> good = check_source(source.world(), detail);
  ASSERT_FALSE(good);
  EXPECT_EQ(good.error().code, GetParam().code) << detail;
  EXPECT_FALSE(detail.empty());
}

INSTANTIATE_TEST_SUITE_P(
    EachWay, CheckSourceRefusal,
    ::testing::Values(BadSource{"absolute", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.at(1).name = "/etc"; }},
                      BadSource{"climbing", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.at(1).name = ".."; }},
                      BadSource{"slash", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.put(1, "a/b", {}); }},
                      BadSource{"control", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.put(1, "a\nb", {}); }},
                      BadSource{"not_utf8", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.put(1, "\xFF", {}); }},
                      BadSource{"long", ErrorCode::name_invalid,
                                [](SourceBuilder& s) { s.put(1, std::string(256, 'x'), {}); }},
                      BadSource{"same_asset", ErrorCode::name_duplicate,
                                [](SourceBuilder& s) { s.put(1, "a.txt", {}); }},
                      BadSource{"same_sibling", ErrorCode::name_duplicate,
                                [](SourceBuilder& s) { s.add("planet"); }},
                      BadSource{"root_named", ErrorCode::tree_malformed,
                                [](SourceBuilder& s) { s.at(0).name = "x"; }},
                      BadSource{"parent_later", ErrorCode::tree_malformed,
                                [](SourceBuilder& s) { s.at(1).parent = 1; }},
                      BadSource{"nan", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).position.x = std::nan(""); }},
                      BadSource{"far", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).position.x = 2e18; }},
                      BadSource{"rotation", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).rotation.w = 2; }},
                      BadSource{"egg", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).bounds_half_extent.y = 11; }},
                      BadSource{"negative", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).load_distance = -1; }},
                      BadSource{"placed_shared", ErrorCode::field_out_of_range,
                                [](SourceBuilder& s) { s.at(1).shared = true; }},
                      BadSource{"on_unshared", ErrorCode::dependency_invalid,
                                [](SourceBuilder& s) { s.depend(1, 0); }},
                      BadSource{"on_nothing", ErrorCode::dependency_invalid,
                                [](SourceBuilder& s) { s.depend(1, 9); }},
                      BadSource{"on_itself", ErrorCode::dependency_invalid,
                                [](SourceBuilder& s) { s.depend(s.add_shared("s"), 2); }},
                      BadSource{"deep", ErrorCode::limit_exceeded,
                                [](SourceBuilder& s) {
                                  std::uint32_t at = 1;
                                  for (int i = 0; i < 64; ++i) at = s.add("d", at);
                                }}),
    [](const auto& test) { return test.param.name; });

TEST(QuotedName, is_written_as_in_json) {
  EXPECT_EQ(quoted_name("\"hull\""), R"("\"hull\"")");
  EXPECT_EQ(quoted_name("a\\b\tc\b\f\r"), R"("a\\b\tc\b\f\r")");
}

TEST(QuotedName, shows_what_a_terminal_would_act_on) {
  EXPECT_EQ(quoted_name("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(quoted_name("\x1B[2J\x7F\n"), "\"\\u001B[2J\\u007F\\n\"");
  EXPECT_EQ(quoted_name("caf\xC3\xFF"), "\"caf\\xC3\\xFF\"");
}

}  // namespace
}  // namespace nf
