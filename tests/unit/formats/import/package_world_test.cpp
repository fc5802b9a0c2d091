// PackageWorld: every file in one container, whatever the package calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/import/package_world.h"
#include "formats/pack/check_source.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {
namespace {

PackageWorld open_package(const SourceFolder& source) {
  std::string detail;
  Result<SourceTree> tree = list_tree(source.path(), LinkRule::leave_out, detail);
  EXPECT_TRUE(tree) << detail;
  return PackageWorld(std::move(*tree));
}

TEST(ComponentOf, makes_any_name_a_component) {
  EXPECT_EQ(component_of("Gilligan's Tomb"), "Gilligan's Tomb");
  EXPECT_EQ(component_of("67P/Churyumov"), "67P_Churyumov");
  EXPECT_EQ(component_of("../../etc"), ".._.._etc");
  EXPECT_EQ(component_of(".."), "_");
  EXPECT_EQ(component_of(""), "_");
  EXPECT_EQ(component_of("a\nb\\c\x7F"), "a_b_c_");
  EXPECT_EQ(component_of("Bj\xF6rn"), "Bj_rn");
  EXPECT_EQ(component_of("Ōmura"), "Ōmura");
  std::string wide;
  while (wide.size() < 300) wide += "Ō";
  const std::string cut = component_of("a" + wide);
  EXPECT_LE(cut.size(), 200u);
  EXPECT_EQ(name_problem(cut), nullptr);
}

TEST(PackageWorld, numbers_equal_names_of_siblings) {
  const SourceFolder source;
  source.put("a/x.txt", "1");
  source.put("b/x.txt", "2");
  PackageWorld package = open_package(source);
  const std::uint32_t zone = package.add_folder("zone", 0);
  package.add_folder("zone", 0);
  package.add_folder("zone 2", 0);
  package.add_file(zone, package.find("a/x.txt"));
  package.add_file(zone, package.find("b/x.txt"));
  const std::uint32_t child = package.add_folder("x.txt", zone);
  const SourceWorld world = package.finish();
  EXPECT_EQ(world.containers[2].name, "zone 2");
  EXPECT_EQ(world.containers[3].name, "zone 2 2");
  EXPECT_EQ(world.containers[zone].assets[1].name, "2.x.txt");
  EXPECT_EQ(world.containers[child].name, "x.txt 3");
  std::string detail;
  EXPECT_TRUE(check_source(world, detail)) << detail;
}

TEST(PackageWorld, shares_what_several_use_and_keeps_what_one_uses) {
  const SourceFolder source;
  for (const char* name : {"one.txt", "both.txt", "both too.txt", "rest/none.txt"})
    source.put(name, name);
  PackageWorld package = open_package(source);
  const std::uint32_t a = package.add_folder("a", 0);
  const std::uint32_t b = package.add_folder("b", 0);
  package.use(a, package.find("one.txt"));
  for (const std::uint32_t user : {a, b}) {
    package.use(user, package.find("both.txt"));
    package.use(user, package.find("both too.txt"));
  }
  package.share("shared");
  package.add_rest("package");
  const SourceWorld world = package.finish();
  std::string detail;
  ASSERT_TRUE(check_source(world, detail)) << detail;
  ASSERT_EQ(world.containers[a].assets.size(), 1u);
  EXPECT_TRUE(world.containers[b].assets.empty());
  ASSERT_EQ(world.containers[a].dependencies.size(), 1u);
  EXPECT_EQ(world.containers[a].dependencies, world.containers[b].dependencies);
  const std::uint32_t shared = world.containers[a].dependencies[0];
  EXPECT_EQ(source_path(world, shared), "shared/both too.txt");
  EXPECT_EQ(world.containers[shared].assets.size(), 2u);
  EXPECT_EQ(source_path(world, static_cast<std::uint32_t>(world.containers.size() - 1)),
            "package/rest");
}

TEST(PackageWorld, finds_nothing_outside_the_folder_that_is_meant) {
  const SourceFolder source;
  source.put("textures/moon.png", "1");
  source.put("secret.txt", "2");
  const PackageWorld package = open_package(source);
  EXPECT_NE(package.find_below("textures", "moon.png"), PackageWorld::kNone);
  for (const char* name : {"../secret.txt", "/etc/passwd", "", "..", "a/../../secret.txt"})
    EXPECT_EQ(package.find_below("textures", name), PackageWorld::kNone) << name;
}

}  // namespace
}  // namespace nf
