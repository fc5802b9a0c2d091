// SafeFolder while somebody swaps a folder for a link, again and again.
#include "tools/nearfield/safe_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

enum class Lookup { openat2, component_walk };

class SafeFolderRace : public ::testing::TestWithParam<Lookup> {};

TEST_P(SafeFolderRace, writes_nothing_outside) {
  const WorkFolder work;
  fs::create_directories(work / "out/zone");
  fs::create_directories(work / "outside/inner");
  write_text(work / "outside/sentinel", "mine");
  fs::create_directory_symlink(work / "outside", work / "out/link");
  Result<SafeFolder> folder = SafeFolder::open(work / "out");
  ASSERT_TRUE(folder);
  if (GetParam() == Lookup::component_walk) folder->use_component_walk();

  const std::string zone = work / "out/zone", link = work / "out/link";
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> swaps = 0;
  std::thread attacker([&] {
    while (!stop) {
      if (::renameat2(AT_FDCWD, zone.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE) == 0)
        ++swaps;
    }
  });
  // Until enough was tried, and the other thread has had its turns on a busy machine.
  std::uint64_t written = 0, refused = 0;
  const auto enough = [&](int round) {
    return round >= 10'000 && swaps > 1000 && written > 0 && refused > 0;
  };
  for (int round = 0; round < 2'000'000 && !enough(round); ++round) {
    const std::string name = "file_" + std::to_string(round % 50);
    const Result<void> result =
        folder->write("zone/inner", name, bytes_of("packed"), IfExists::replace);
    (result ? written : refused) += 1;
  }
  stop = true;
  attacker.join();

  EXPECT_GT(swaps, 0u);
  EXPECT_GT(written, 0u);
  EXPECT_GT(refused, 0u) << "the race was never lost: the test shows nothing";
  EXPECT_TRUE(fs::is_empty(work / "outside/inner"));
  EXPECT_EQ(read_text(work / "outside/sentinel"), "mine");
}

INSTANTIATE_TEST_SUITE_P(Lookups, SafeFolderRace,
                         ::testing::Values(Lookup::openat2, Lookup::component_walk),
                         [](const auto& parameter) {
                           return parameter.param == Lookup::openat2 ? "openat2" : "component_walk";
                         });

TEST(SafeFolder, refuses_names_that_are_not_components) {
  const WorkFolder work;
  Result<SafeFolder> folder = SafeFolder::open(work / "out");
  ASSERT_TRUE(folder);
  for (const char* name : {"", ".", "..", "a/b", "/etc"}) {
    EXPECT_EQ(folder->write("", name, {}, IfExists::refuse).error().code, ErrorCode::name_invalid)
        << name;
  }
  for (const char* name : {"..", "a/../b", "a//b", "/etc", "./a"}) {
    EXPECT_FALSE(folder->write(name, "file", {}, IfExists::refuse)) << name;
    folder->use_component_walk();
    EXPECT_FALSE(folder->write(name, "file", {}, IfExists::refuse)) << name;
  }
}

TEST(SafeFolder, refuses_or_replaces_what_exists) {
  const WorkFolder work;
  Result<SafeFolder> folder = SafeFolder::open(work / "out");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(folder->write("a/b", "file", bytes_of("one"), IfExists::refuse));
  EXPECT_EQ(folder->write("a/b", "file", bytes_of("two"), IfExists::refuse).error().code,
            ErrorCode::already_exists);
  EXPECT_EQ(read_text(work / "out/a/b/file"), "one");
  EXPECT_TRUE(folder->write("a/b", "file", bytes_of("three"), IfExists::replace));
  EXPECT_EQ(read_text(work / "out/a/b/file"), "three");
}

}  // namespace
}  // namespace nf::end_to_end
