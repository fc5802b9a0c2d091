// Archives that come and go.
#include "core/world/world.h"

#include <gtest/gtest.h>

#include "tests/unit/core/world/test_tables.h"

namespace nf {
namespace {

using test::make_tables;
using test::NewContainer;
using test::sphere_at;

// The root of a space stands at its origin, wherever the archive has it: what is near that root in
// the archive's own frame may be far off in the space, and begin bodies.
TEST(Mounts, make_room_for_the_bodies_of_a_space_whose_root_is_off_its_origin) {
  for (const bool apart : {true, false}) {
    for (const double off : {-1e9, 0.0, 1e9}) {
      std::vector<NewContainer> containers{NewContainer{}};
      containers[0].position = {off, 0, 0};
      for (std::uint32_t i = 0; i < 20; ++i) {
        containers.push_back(sphere_at({i % 2 == 0 ? 1.2e9 : -1.2e9, 0, 0}, 1, 1));
        containers.push_back(sphere_at({}, 1, 1, static_cast<std::uint32_t>(2 * i + 1)));
      }
      const WorldTables tables = make_tables(containers);
      World world;
      const std::uint32_t most = world.body_count_with(tables, apart);
      ASSERT_TRUE(world.mount(tables, FileId{0}, apart));
      EXPECT_EQ(world.bodies().count(), most);
    }
  }
}

// Of what is given in one piece there is none more, but what went left some.
TEST(Mounts, take_the_numbers_of_those_that_went_where_no_others_are_left) {
#ifdef NF_SANITIZED
  GTEST_SKIP() << "a world of all numbers takes a sanitizer too long";
#endif
  const WorldTables three =
      make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 1), sphere_at({}, 1, 1)});
  const WorldTables two = make_tables(std::vector{NewContainer{}, sphere_at({}, 1, 1)});
  World world(kContainersMax - 4);
  const ContainerRange range = *world.mount(three, FileId{0});
  const auto refused = world.mount(two, FileId{1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  ASSERT_TRUE(world.unmount(range.first, Time{1}));
  world.forget_changes();
  world.forget(range.first);
  const auto again = world.mount(two, FileId{1});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first, range.first);
}

}  // namespace
}  // namespace nf
