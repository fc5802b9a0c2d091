// What `pack` says about codecs, for worlds that are only figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/nearfield/pack_choice.h"

namespace nf {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kLz4 = static_cast<std::size_t>(Codec::lz4);
constexpr auto kZstd = static_cast<std::size_t>(Codec::zstd);

// A gigabyte, all of it by one codec.
PackReport all_by(std::size_t codec, std::uint64_t stored) {
  PackReport report;
  report.raw_size = {1'000'000'000};
  report.stored_size = {stored};
  report.by_codec[codec] = {.raw = report.raw_size, .stored = report.stored_size};
  return report;
}

std::string sentence_of(const PackReport& report, CodecChoice asked, double disk) {
  return choice_of(report, asked, {.name = "d", .bytes_per_second = disk}).sentence;
}

TEST(PackChoice, foretells_no_choice_of_codecs_that_were_not_tried) {
  // LZ4 may well be sooner than raw on these disks, and nobody has asked it.
  const PackReport zstd = all_by(kZstd, 400'000'000);
  for (const double disk : {1.2e9, 2.7e9}) {
    const std::string sentence = sentence_of(zstd, CodecChoice::zstd, disk);
    EXPECT_THAT(sentence, HasSubstr("sooner than zstd's")) << disk;
    EXPECT_THAT(sentence, HasSubstr("--codec auto takes for each chunk what is sooner")) << disk;
    EXPECT_THAT(sentence, Not(HasSubstr("store them raw"))) << disk;
  }
  EXPECT_THAT(sentence_of(zstd, CodecChoice::zstd, 7e9), HasSubstr("auto would store them raw"));
  const PackReport lz4 = all_by(kLz4, 600'000'000);
  EXPECT_EQ(sentence_of(lz4, CodecChoice::lz4, 2.7e9), "");
  EXPECT_THAT(sentence_of(lz4, CodecChoice::lz4, 7e9), HasSubstr("auto would store them raw"));
}

}  // namespace
}  // namespace nf
