#include "bench/disk/plain_loop.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "bench/suite/scratch.h"
#include "core/base/pages.h"

namespace nf::bench {
namespace {

constexpr std::size_t kBlock = 16u << 10;
constexpr std::size_t kPlaces = 8;

class PlainLoopTest : public ::testing::Test {
 protected:
  PlainLoopTest() : folder_(std::filesystem::temp_directory_path(), "plain_loop") {
    write_file(folder_.path() / "blocks", {1u << 20},
               [](FileOffset at, std::span<std::byte> part) { fill_content(at.value, part); });
    file_ = std::make_unique<OpenFile>(folder_.path() / "blocks");
    memory_ = std::move(*PageBlock::map({kPlaces * kBlock}, PageKind::ordinary));
  }
  ReadSample read(PlainLoop& loop) {
    return loop.read({.file = file_->handle(),
                      .file_size = file_->size(),
                      .block = kBlock,
                      .depth = 4,
                      .places = kPlaces,
                      .memory = memory_.bytes(),
                      .seed = 1,
                      .seconds = 60,
                      .reads_max = 200,
                      .compares = true});
  }

  ScratchFolder folder_;
  std::unique_ptr<OpenFile> file_;
  PageBlock memory_;
};

TEST_F(PlainLoopTest, reads_the_same_bytes_with_its_memory_registered) {
  const std::unique_ptr<PlainLoop> plain = PlainLoop::open();
  if (plain == nullptr) GTEST_SKIP() << "io_uring is refused here";
  int os_error = 0;
  const std::unique_ptr<PlainLoop> registered =
      PlainLoop::open_registered(memory_.bytes(), os_error);
  if (registered == nullptr) GTEST_SKIP() << "registering: " << std::strerror(os_error);
  for (PlainLoop* loop : {plain.get(), registered.get()}) {
    std::memset(memory_.bytes().data(), 0xEE, memory_.bytes().size());
    const ReadSample sample = read(*loop);
    EXPECT_EQ(sample.reads, 200u);
    EXPECT_EQ(sample.failed, 0u);
    EXPECT_EQ(sample.wrong, 0u);
  }
}

TEST_F(PlainLoopTest, says_why_nothing_can_be_registered) {
  if (PlainLoop::open() == nullptr) GTEST_SKIP() << "io_uring is refused here";
  int os_error = 0;
  // Memory that is not there.
  const std::span<std::byte> none(reinterpret_cast<std::byte*>(std::uintptr_t{4096}), kBlock);
  EXPECT_EQ(PlainLoop::open_registered(none, os_error), nullptr);
  EXPECT_NE(os_error, 0);
}

}  // namespace
}  // namespace nf::bench
