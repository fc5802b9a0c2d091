// Every contender that this machine has packs one small world and gives back its bytes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>

#include "bench/contenders/contender_list.h"
#include "bench/contenders/file_read.h"
#include "bench/contenders/round_plan.h"
#include "bench/contenders/sample.h"
#include "bench/contenders/tree_writer.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr Bytes kWorldSize = {2u << 20};
constexpr std::uint32_t kRequesters = 4;

class ContenderBytes : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = (fs::temp_directory_path() / "nearfield_contenders_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    options_ = std::make_unique<BenchOptions>();
    options_->dir = folder_;
    std::vector<std::string> notes;
    tree_ = std::make_unique<ContainerTree>(make_container_tree(*options_, kWorldSize, notes));
    list_ = std::make_unique<ContenderList>(list_contenders(tree_->folder, 1));
    memory_ = std::make_unique<RequesterMemory>(*tree_, kAskedAhead);
  }
  static void TearDownTestSuite() {
    memory_.reset();
    list_.reset();
    tree_.reset();
    fs::remove_all(folder_);
  }

  // Null if it cannot run here; then `why` says so.
  static Contender* find(const std::string& name, std::string& why) {
    for (const auto& contender : list_->contenders) {
      if (contender->facts().name == name) return contender.get();
    }
    for (const std::string& note : list_->notes) why += note + "\n";
    return nullptr;
  }

  static bool direct_reads() {
    std::ofstream(folder_ / "direct") << "x";
    try {
      const ReadFile file(AT_FDCWD, (folder_ / "direct").c_str(), O_DIRECT);
      return true;
    } catch (const BenchError&) {
      return false;
    }
  }

  static std::string refusal_to_open(Contender& contender) {
    std::string why;
    try {
      contender.open(1);
    } catch (const BenchError& error) {
      why = error.what();
    }
    contender.close();
    return why;
  }

  static inline fs::path folder_;
  static inline std::unique_ptr<BenchOptions> options_;
  static inline std::unique_ptr<ContainerTree> tree_;
  static inline std::unique_ptr<ContenderList> list_;
  static inline std::unique_ptr<RequesterMemory> memory_;
};

TEST_P(ContenderBytes, are_those_that_were_packed) {
  std::string why;
  Contender* contender = find(GetParam(), why);
  if (contender == nullptr) GTEST_SKIP() << GetParam() << " cannot run here:\n" << why;
  const bool direct =
      contender->facts().side == Side::ours || contender->facts().name.starts_with("stored raw");
  if (direct && !direct_reads()) GTEST_SKIP() << folder_ << " is on a disk without direct reads";
  contender->prepare(*tree_);
  // Which codecs a kernel's file systems know shows only when an image of them is mounted.
  if (contender->facts().device_bytes_from == DeviceBytesFrom::disk) {
    const std::string refusal = refusal_to_open(*contender);
    if (!refusal.empty()) GTEST_SKIP() << GetParam() << " cannot be opened here: " << refusal;
  }
  for (const std::uint32_t requesters : {1u, kRequesters}) {
    EXPECT_NO_THROW(compare_all_bytes(*contender, *tree_, *memory_, requesters));
  }
  const Round round =
      make_round(*tree_, {.load_bytes = 0, .slices = 8, .sliced_asset_size_min = kSliceSize}, 1, 0);
  ASSERT_GE(round.slices.size(), 2u);
  EXPECT_NO_THROW(static_cast<void>(take_slice_sample(*contender, *tree_, round)));
}

INSTANTIATE_TEST_SUITE_P(
    Contenders, ContenderBytes,
    testing::Values("nearfield LZ4", "nearfield zstd", "nearfield LZ4, 6 asked ahead",
                    "nearfield zstd, 6 asked ahead", "nearfield LZ4 in 256 KiB chunks",
                    "stored raw, bare io_uring loop",
                    "stored raw, bare io_uring loop, 6 asked ahead", "whole-container tar",
                    "loose files", "zip stored, libzip", "zip deflate, libzip",
                    "zip stored, PhysFS", "zip deflate, PhysFS", "MPQ zlib, StormLib",
                    "SquashFS lz4, kernel", "SquashFS zstd, kernel", "EROFS lz4hc 4 KiB, kernel",
                    "EROFS lz4hc 64 KiB, kernel"),
    [](const auto& one) {
      std::string name = one.param;
      for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      }
      return name;
    });

TEST_F(ContenderBytes, that_are_wrong_are_found) {
  std::string why;
  Contender* tar = find("whole-container tar", why);
  if (tar == nullptr) GTEST_SKIP() << why;
  tar->prepare(*tree_);
  const fs::path file = tar->files().back();
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  char byte = 0;
  bytes.read(&byte, 1);
  bytes.seekp(0);
  const char wrong = static_cast<char>(byte ^ 1);
  bytes.write(&wrong, 1).flush();
  EXPECT_THROW(compare_all_bytes(*tar, *tree_, *memory_, kRequesters), BenchError);
  bytes.seekp(0);
  bytes.write(&byte, 1).flush();
  EXPECT_NO_THROW(compare_all_bytes(*tar, *tree_, *memory_, kRequesters));
}

TEST_F(ContenderBytes, are_packed_once) {
  std::string why;
  Contender* tar = find("whole-container tar", why);
  if (tar == nullptr) GTEST_SKIP() << why;
  tar->prepare(*tree_);
  const fs::file_time_type packed_at = fs::last_write_time(tar->files().front());
  tar->prepare(*tree_);
  EXPECT_EQ(fs::last_write_time(tar->files().front()), packed_at);
  std::vector<std::string> notes;
  const ContainerTree again = make_container_tree(*options_, kWorldSize, notes);
  EXPECT_EQ(again.content, tree_->content);
  EXPECT_EQ(again.container_sum, tree_->container_sum);
}

TEST_F(ContenderBytes, of_a_tree_without_its_list_are_made_again) {
  ContainerTree read;
  ASSERT_TRUE(read_tree_list(tree_->folder, read));
  EXPECT_EQ(read.content, tree_->content);
  EXPECT_FALSE(read_tree_list(folder_, read));
}

}  // namespace
}  // namespace nf::bench
