// Every broken model of data/reject is refused for the reason that its name gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "formats/model/model.h"
#include "tests/golden/temporary_folder.h"
#include "tests/reject/reject_models.h"

namespace nf {
namespace {

const std::map<std::string, ErrorCode> kCodes = {
    {"file_too_short", ErrorCode::file_too_short},
    {"not_a_model", ErrorCode::not_a_model},
    {"version_unsupported", ErrorCode::version_unsupported},
    {"feature_unsupported", ErrorCode::feature_unsupported},
    {"header_checksum_mismatch", ErrorCode::header_checksum_mismatch},
    {"table_checksum_mismatch", ErrorCode::table_checksum_mismatch},
    {"file_size_mismatch", ErrorCode::file_size_mismatch},
    {"field_out_of_range", ErrorCode::field_out_of_range},
    {"limit_exceeded", ErrorCode::limit_exceeded},
    {"reserved_not_zero", ErrorCode::reserved_not_zero},
};

const std::filesystem::path kFolder = std::filesystem::path(NF_DATA_DIR) / "reject";

std::vector<std::string> model_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".nfm") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class RejectModel : public testing::TestWithParam<std::string> {};

TEST_P(RejectModel, is_for_the_reason_in_the_name) {
  const std::string reason = GetParam().substr(0, GetParam().find('.'));
  ASSERT_TRUE(kCodes.contains(reason)) << reason;
  std::string detail;
  const Result<Model> model = read_model((kFolder / (GetParam() + ".nfm")).string(), detail);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, kCodes.at(reason)) << detail;
  EXPECT_FALSE(detail.empty());
}

INSTANTIATE_TEST_SUITE_P(Files, RejectModel, testing::ValuesIn(model_files()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(RejectModels, are_those_that_the_generator_makes) {
  std::set<std::string> made, seen;
  for (const sample::RejectCase& one : sample::make_reject_models()) {
    EXPECT_TRUE(made.insert(one.name).second) << one.name << " is made twice";
    EXPECT_EQ(sample::read_file((kFolder / (one.name + ".nfm")).string()), one.bytes) << one.name;
    seen.insert(one.name.substr(0, one.name.find('.')));
  }
  EXPECT_EQ(made.size(), model_files().size());
  EXPECT_EQ(seen.size(), kCodes.size());
}

}  // namespace
}  // namespace nf
