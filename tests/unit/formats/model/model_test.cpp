#include "formats/model/model.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>

#include "tests/golden/sample_model.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

std::string detail;

TEST(Model, is_read_as_it_was_written) {
  const Model model = sample::golden_model();
  const Result<std::vector<std::byte>> bytes = model_bytes(model);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), model_size(model.moments.size()));
  EXPECT_TRUE(begins_like_model(*bytes));
  const Result<Model> again = parse_model(*bytes, detail);
  ASSERT_TRUE(again) << detail;
  EXPECT_EQ(again->weights.of, model.weights.of);
  EXPECT_EQ(again->moments, model.moments);
  EXPECT_EQ(again->origin, model.origin);
}

TEST(Model, without_moments_is_one_too) {
  const Result<std::vector<std::byte>> bytes = model_bytes({});
  ASSERT_TRUE(bytes);
  const Result<Model> again = parse_model(*bytes, detail);
  ASSERT_TRUE(again) << detail;
  EXPECT_EQ(again->weights.of, untrained_weights().of);
}

TEST(Model, holds_as_many_moments_as_fit_its_size) {
  EXPECT_EQ(moments_within(kModelSizeDefault), 6238u);
  EXPECT_LE(model_size(moments_within(kModelSizeDefault)), kModelSizeDefault);
  EXPECT_EQ(moments_within(0), 0u);
  EXPECT_EQ(moments_within(std::numeric_limits<std::size_t>::max()), kModelMomentsMax);
}

TEST(Model, is_not_written_with_numbers_that_a_reader_refuses) {
  const auto refused = [](const Model& model) {
    const Result<std::vector<std::byte>> bytes = model_bytes(model);
    EXPECT_FALSE(bytes);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Model model = sample::golden_model();
  model.weights.of[2][3] = nan;
  refused(model);
  model = sample::golden_model();
  model.moments[1].after[5] = nan;
  refused(model);
  model = sample::golden_model();
  model.origin.candidates = 1;
  refused(model);
}

TEST(Model, may_have_optional_features_that_nobody_knows_yet) {
  // Nothing but the header says so, and its checksum has to hold.
  std::vector<std::byte> bytes = *model_bytes(sample::golden_model());
  bytes[24] = std::byte{1};
  EXPECT_EQ(parse_model(bytes, detail).error().code, ErrorCode::header_checksum_mismatch);
}

TEST(Model, cut_anywhere_is_refused) {
  const std::vector<std::byte> bytes = *model_bytes(sample::golden_model());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_model(std::span(bytes).first(size), detail)) << size;
  }
}

TEST(Model, is_read_from_files_only) {
  const sample::TemporaryFolder folder;
  EXPECT_EQ(read_model(folder.file("none.nfm"), detail).error().code, ErrorCode::file_open_failed);
  EXPECT_EQ(read_model(folder.path(), detail).error().code, ErrorCode::file_open_failed);
  EXPECT_EQ(detail, "is a folder");
  const std::string pipe = folder.file("pipe.nfm");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);  // nobody ever writes to it
  for (const std::string& path : {pipe, std::string("/dev/zero")}) {
    EXPECT_EQ(read_model(path, detail).error().code, ErrorCode::file_open_failed);
    EXPECT_EQ(detail, "is no plain file");
  }
}

}  // namespace
}  // namespace nf
