// The golden model of every version of its format is still read, and written to the same bytes.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/golden/hex_dump.h"
#include "tests/golden/sample_model.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

const std::string kGolden = std::string(NF_DATA_DIR) + "/golden/v1_model.nfm";

TEST(GoldenModel, of_version_1_is_still_read_as_it_was_written) {
  std::string detail;
  const Result<Model> model = read_model(kGolden, detail);
  ASSERT_TRUE(model) << detail;
  EXPECT_EQ(model->weights.of, sample::golden_model().weights.of);
  EXPECT_EQ(model->moments, sample::golden_model().moments);
  EXPECT_EQ(model->origin, sample::golden_model().origin);
}

TEST(GoldenModel, is_written_again_to_the_same_bytes) {
  const Result<std::vector<std::byte>> bytes = model_bytes(sample::golden_model());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, sample::read_file(kGolden));
}

TEST(GoldenModel, example_in_the_format_description_is_what_the_writer_writes) {
  const Result<std::vector<std::byte>> bytes = model_bytes(sample::smallest_model());
  ASSERT_TRUE(bytes);
  const std::string dump = sample::hex_dump({bytes->begin(), bytes->begin() + 128});
  std::ifstream in(std::string(NF_SOURCE_DIR) + "/formats/model/model.md");
  std::stringstream description;
  description << in.rdbuf();
  EXPECT_NE(description.str().find("```\n" + dump + "```"), std::string::npos)
      << "put this into the worked example:\n"
      << dump;
}

}  // namespace
}  // namespace nf
