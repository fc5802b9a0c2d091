// Every file of data/reject is refused for the reason that its name gives.
#include <gtest/gtest.h>
#include <nearfield/archive.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/world/world_tables.h"
#include "tests/golden/temporary_folder.h"
#include "tests/reject/reject_cases.h"

namespace nf {
namespace {

const std::map<std::string, ErrorCode> kCodes = {
    {"file_too_short", ErrorCode::file_too_short},
    {"not_an_archive", ErrorCode::not_an_archive},
    {"version_unsupported", ErrorCode::version_unsupported},
    {"feature_unsupported", ErrorCode::feature_unsupported},
    {"header_checksum_mismatch", ErrorCode::header_checksum_mismatch},
    {"table_checksum_mismatch", ErrorCode::table_checksum_mismatch},
    {"chunk_checksum_mismatch", ErrorCode::chunk_checksum_mismatch},
    {"chunk_decode_failed", ErrorCode::chunk_decode_failed},
    {"file_size_mismatch", ErrorCode::file_size_mismatch},
    {"field_out_of_range", ErrorCode::field_out_of_range},
    {"reserved_not_zero", ErrorCode::reserved_not_zero},
    {"tables_overlap", ErrorCode::tables_overlap},
    {"runs_overlap", ErrorCode::runs_overlap},
    {"tree_malformed", ErrorCode::tree_malformed},
    {"order_wrong", ErrorCode::order_wrong},
    {"name_invalid", ErrorCode::name_invalid},
    {"name_duplicate", ErrorCode::name_duplicate},
    {"dependency_invalid", ErrorCode::dependency_invalid},
};

const std::filesystem::path kFolder = std::filesystem::path(NF_DATA_DIR) / "reject";

std::vector<std::string> reject_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".nfa") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The first error of opening the archive and reading all of it.
Error open_and_read(const std::string& path) {
  const Result<Archive> archive = Archive::open(path.c_str());
  if (!archive) return archive.error();
  const ContainerTable& containers = archive->world().containers;
  for (std::uint32_t id = 0; id < containers.count(); ++id) {
    std::vector<std::byte> raw(containers.raw_size[id]);
    const Result<void> read = archive->read_container({id}, raw);
    if (!read) return read.error();
  }
  return {};
}

class Reject : public testing::TestWithParam<std::string> {};

TEST_P(Reject, is_for_the_reason_in_the_name) {
  const std::string reason = GetParam().substr(0, GetParam().find('.'));
  ASSERT_TRUE(kCodes.contains(reason)) << reason;
  const Error error = open_and_read((kFolder / (GetParam() + ".nfa")).string());
  EXPECT_EQ(error.code, kCodes.at(reason)) << error_text(error.code);
}

INSTANTIATE_TEST_SUITE_P(Files, Reject, testing::ValuesIn(reject_files()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(RejectFiles, are_those_that_the_generator_makes) {
  const sample::TemporaryFolder work;
  std::set<std::string> made;
  for (const sample::RejectCase& one : sample::make_reject_cases(work.path())) {
    made.insert(one.name);
    EXPECT_EQ(one.bytes, sample::read_file((kFolder / (one.name + ".nfa")).string())) << one.name;
  }
  const std::vector<std::string> files = reject_files();
  EXPECT_EQ(made, std::set<std::string>(files.begin(), files.end()));
}

TEST(RejectFiles, cover_every_reason_to_refuse_data) {
  std::set<std::string> reasons;
  for (const std::string& name : reject_files()) reasons.insert(name.substr(0, name.find('.')));
  for (const auto& [reason, code] : kCodes) EXPECT_TRUE(reasons.contains(reason)) << reason;
}

}  // namespace
}  // namespace nf
