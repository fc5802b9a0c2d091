// What is read of the machine: counters of the disk, the page cache.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "bench/suite/block_counters.h"
#include "bench/suite/machine_facts.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"

#include <nlohmann/json.hpp>

namespace nf::bench {
namespace {

TEST(BlockCounters, come_from_a_line_of_the_kernel) {
  const auto counters =
      parse_block_counters("   11   22   33   44   55   66   77   88   99   10   20\n");
  ASSERT_TRUE(counters.has_value());
  EXPECT_EQ(counters->reads, 11u);
  EXPECT_EQ(counters->bytes_read.value, 33u * 512);
  EXPECT_EQ(counters->writes, 55u);
  EXPECT_EQ(counters->bytes_written.value, 77u * 512);
}

TEST(BlockCounters, are_none_for_other_text) {
  EXPECT_FALSE(parse_block_counters(""));
  EXPECT_FALSE(parse_block_counters("1 2 3 4 5 6"));
  EXPECT_FALSE(parse_block_counters("a 2 3 4 5 6 7"));
}

TEST(MachineFacts, know_this_machine) {
  const nlohmann::ordered_json facts = machine_facts(".");
  EXPECT_GT(facts["cores"], 0);
  EXPECT_NE(facts["kernel"], "");
  for (const char* key : {"processor", "memory", "disk", "file_system", "huge_pages", "date",
                          "commit", "load_average_before"}) {
    EXPECT_TRUE(facts.contains(key)) << key;
  }
}

TEST(PageCache, counts_what_was_read_and_forgets_it_when_asked) {
  const ScratchFolder folder(".", "cache");
  const std::filesystem::path path = folder.path() / "file";
  try {
    write_file(path, {4u << 20}, [](FileOffset, std::span<std::byte>) {});
  } catch (const BenchError& error) {
    GTEST_SKIP() << error.what();
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(file, 0);
  std::vector<std::byte> bytes(4u << 20);
  ASSERT_EQ(::pread(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  const std::optional<Bytes> warm = cached_bytes(file);
  if (!warm) GTEST_SKIP() << "this kernel does not say what is in the page cache";
  EXPECT_GE(warm->value, bytes.size());
  const std::optional<Bytes> cold = drop_and_look(file);
  ::close(file);
  ASSERT_TRUE(cold.has_value());
  if (cold->value == warm->value) GTEST_SKIP() << "this file system keeps its files in memory";
  EXPECT_EQ(cold->value, 0u);
}

TEST(Scratch, is_gone_with_its_owner) {
  std::filesystem::path path;
  {
    const ScratchFolder folder(".", "gone");
    path = folder.path();
    EXPECT_TRUE(std::filesystem::is_directory(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace nf::bench
