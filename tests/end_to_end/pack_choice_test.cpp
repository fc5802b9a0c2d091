// What `pack` says about codecs, for worlds that are only figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/nearfield/pack_choice.h"

namespace nf {
namespace {

using ::testing::ContainsRegex;
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

TEST(PackChoice, takes_what_was_packed_for_what_it_is_and_the_sample_for_about) {
  // All went to zstd; the sample was harder than the world: 50 % where all of it is 40 %.
  PackReport report = all_by(kZstd, 400'000'000);
  report.sample_packed = {.raw = {100'000'000}, .stored = {50'000'000}};
  report.sample_as[kLz4] = {.raw = {100'000'000}, .stored = {60'000'000}};
  report.sample_as[kZstd] = report.sample_packed;
  const PackDisk disk{.name = "d", .bytes_per_second = 200e6};
  const PackChoice choice = choice_of(report, CodecChoice::automatic, disk);
  ASSERT_TRUE(choice.outlook[kZstd] && choice.outlook[kLz4]);
  EXPECT_EQ(choice.outlook[kZstd]->stored, choice.packed.stored);
  EXPECT_EQ(choice.outlook[kZstd]->bytes_per_second, choice.packed.bytes_per_second);
  EXPECT_FALSE(choice.outlook[kZstd]->estimated);
  EXPECT_TRUE(choice.outlook[kLz4]->estimated);
  EXPECT_NEAR(static_cast<double>(choice.outlook[kLz4]->stored.value), 480e6, 1);
  const std::string text = choice_text(choice);
  EXPECT_THAT(text, ContainsRegex("all by lz4 +about 4"));
  EXPECT_THAT(text, Not(ContainsRegex("all by zstd +about")));
}

TEST(PackChoice, estimates_no_codec_larger_than_the_bytes_themselves) {
  PackReport report = all_by(0, 1'000'000'000);
  report.sample_packed = {.raw = {100'000'000}, .stored = {80'000'000}};
  report.sample_as[kLz4] = {.raw = {100'000'000}, .stored = {90'000'000}};
  const PackChoice choice =
      choice_of(report, CodecChoice::automatic, {.name = "d", .bytes_per_second = 7e9});
  ASSERT_TRUE(choice.outlook[kLz4]);
  EXPECT_EQ(choice.outlook[kLz4]->stored, report.raw_size);
}

}  // namespace
}  // namespace nf
