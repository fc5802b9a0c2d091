// What opening and mounting took. Shapes only: how long is for quiet machines.
#include "bench/scale/mounted_world.h"

#include <gtest/gtest.h>

#include "bench/scale/asset_archive.h"
#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

TEST(MountedWorld, says_what_was_mounted_and_that_it_took_memory) {
  const ScratchFolder folder(".", "mounted");
  const std::filesystem::path path = folder.path() / "a.nfa";
  write_asset_archive(path, 200'000, 1);
  const MountSample sample = open_and_mount(path, FileCache::warm);
  EXPECT_EQ(sample.containers, 4'001u);
  EXPECT_EQ(sample.assets, 200'000u);
  EXPECT_GT(sample.open_seconds, 0);
  EXPECT_GT(sample.mount_seconds, 0);
  // 30 bytes an asset at least, and nobody else can have had these pages.
  EXPECT_GT(sample.open_memory, 6_MiB);
  EXPECT_GE(sample.memory, sample.open_memory + sample.mount_memory);
  EXPECT_GE(sample.memory_peak + 1_MiB, sample.memory);
}

TEST(MountedWorld, refuses_what_is_no_archive) {
  const ScratchFolder folder(".", "mounted");
  const std::filesystem::path path = folder.path() / "a.nfa";
  write_file(path, Bytes{1u << 20}, [](FileOffset, std::span<std::byte>) {});
  EXPECT_THROW(open_and_mount(path, FileCache::warm), BadInput);
}

}  // namespace
}  // namespace nf::bench
