// The archive whose tables the scale suite opens.
#include "bench/scale/asset_archive.h"

#include <gtest/gtest.h>
#include <nearfield/archive.h>

namespace nf::bench {
namespace {

TEST(AssetArchive, opens_and_has_whole_containers_of_assets) {
  const ScratchFolder folder(".", "assets");
  const std::filesystem::path path = folder.path() / "a.nfa";
  write_asset_archive(path, 120, 1);
  const Result<Archive> archive = Archive::open(path.c_str());
  ASSERT_TRUE(archive.has_value());
  EXPECT_EQ(archive->info().assets, 150u);
  EXPECT_EQ(archive->info().containers, 4u);
  TableBytes tables(path);
  EXPECT_GT(tables.size().value, 150u * 8);
  EXPECT_NO_THROW(tables.read_and_hash());
}

}  // namespace
}  // namespace nf::bench
