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

}  // namespace
}  // namespace nf
