// Where the contenders' containers come from: what damages a world or a disk shows, and leaves
// nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/container_tree.h"
#include "formats/import/generate.h"
#include "formats/import/import.h"
#include "formats/pack/pack.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class MakeTree : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "nearfield_make_tree_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    options_.dir = folder_;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void pack_world_file() {
    std::string detail;
    const fs::path source = folder_ / "source";
    ASSERT_TRUE(generate_world(
        source.string(), {.size = {1u << 20}, .seed = 1, .threads = 1, .progress = {}}, detail))
        << detail;
    const auto world = import_source(source.string(), ImportKind::automatic, detail);
    ASSERT_TRUE(world) << detail;
    options_.world = folder_ / "world.nfa";
    ASSERT_TRUE(pack_world(*world, options_.world.string(), {}, detail)) << detail;
  }
  // A quarter into the file lie chunks.
  void damage_world_file() const {
    std::fstream file(options_.world, std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>(fs::file_size(options_.world) / 4);
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 0x55));
  }
  std::string refusal() const {
    try {
      std::vector<std::string> notes;
      (void)make_container_tree(options_, {1u << 20}, notes);
    } catch (const BenchError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
  BenchOptions options_;
};

TEST_F(MakeTree, notices_a_world_that_was_damaged_since_it_was_unpacked) {
  pack_world_file();
  ASSERT_EQ(refusal(), "");
  EXPECT_EQ(refusal(), "");
  damage_world_file();
  EXPECT_THAT(refusal(), HasSubstr("chunk"));
}

TEST_F(MakeTree, leaves_nothing_of_a_world_that_is_damaged) {
  pack_world_file();
  damage_world_file();
  EXPECT_THAT(refusal(), HasSubstr("chunk"));
  EXPECT_FALSE(fs::exists(folder_ / "contenders"));
}

TEST_F(MakeTree, says_why_its_folder_cannot_be_made) {
  std::ofstream(folder_ / "contenders") << "a file";
  EXPECT_THAT(refusal(), HasSubstr("contenders: cannot be made: "));
}

TEST_F(MakeTree, refuses_a_disk_without_room_before_it_writes) {
  std::vector<std::string> notes;
  const Bytes size{fs::space(folder_).capacity / 8};
  try {
    (void)make_container_tree(options_, size, notes);
    FAIL() << "a world of ten times the disk's free part was made";
  } catch (const BenchError& error) {
    EXPECT_THAT(error.what(), HasSubstr("too little room"));
  }
  EXPECT_FALSE(fs::exists(folder_ / "contenders"));
}

TEST_F(MakeTree, removes_what_a_failed_build_has_left) {
  const fs::path path = folder_ / "archive";
  EXPECT_THROW(make_cached(path,
                           [](const fs::path& partial) {
                             std::ofstream(partial) << "half";
                             throw BenchError("no space");
                           }),
               BenchError);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace nf::bench
