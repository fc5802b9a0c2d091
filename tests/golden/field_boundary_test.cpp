// Every numeric field of the golden archives takes every value at which arithmetic goes wrong, with
// the checksums repaired so that the field itself is what the reader has to judge. The archive is
// refused or read to the end; nothing else may happen, least of all under a sanitizer.
#include <gtest/gtest.h>

#include <set>

#include "formats/archive/archive_tables.h"
#include "formats/archive/container_reader.h"
#include "tests/golden/archive_surgery.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::get;
using sample::put;

struct Field {
  std::uint64_t at = 0;
  std::size_t size = 0;
};

using ByteVector = std::vector<std::byte>;

const ByteVector& small() {
  static const ByteVector bytes =
      sample::read_file(std::string(NF_DATA_DIR) + "/golden/v1_small.nfa");
  return bytes;
}

const ByteVector& in_motion() {
  static const ByteVector bytes =
      sample::read_file(std::string(NF_DATA_DIR) + "/golden/v1_motion_and_gates.nfa");
  return bytes;
}

std::vector<std::uint64_t> boundary_values(std::size_t size, std::uint64_t file_size) {
  const std::uint64_t max = size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
  const std::uint64_t candidates[] = {0,
                                      1,
                                      max - 1,
                                      max,
                                      255,
                                      4095,
                                      4096,
                                      4097,
                                      std::uint64_t{1} << 31,
                                      (std::uint64_t{1} << 32) - 1,
                                      std::uint64_t{1} << 32,
                                      std::uint64_t{1} << 63,
                                      file_size - 1,
                                      file_size,
                                      file_size + 1};
  std::set<std::uint64_t> values;
  for (const std::uint64_t value : candidates) {
    if (value <= max) values.insert(value);
  }
  return {values.begin(), values.end()};
}

void put_value(std::vector<std::byte>& bytes, const Field& field, std::uint64_t value) {
  for (std::size_t i = 0; i < field.size; ++i) {
    bytes[field.at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

// Opens and reads everything; true if nothing was refused.
bool reads_to_the_end(const std::vector<std::byte>& bytes) {
  const ByteSource source = ByteSource::of_memory(bytes);
  const Result<ArchiveTables> tables = read_archive_tables(source);
  if (!tables) return false;
  ContainerReader reader(source, tables->world);
  bool all = true;
  for (std::uint32_t id = 0; id < tables->world.containers.count(); ++id) {
    std::vector<std::byte> raw(tables->world.containers.raw_size[id]);
    all = !reader.read_container(id, raw) && all;
  }
  return all;
}

std::size_t try_boundaries(const ByteVector& golden, const Field& field) {
  std::size_t accepted = 0;
  for (const std::uint64_t value : boundary_values(field.size, golden.size())) {
    ByteVector bytes = golden;
    put_value(bytes, field, value);
    sample::repair_checksums(bytes);
    accepted += reads_to_the_end(bytes) ? 1 : 0;
    sample::repair_chunk_checksums(bytes);
    sample::repair_checksums(bytes);
    accepted += reads_to_the_end(bytes) ? 1 : 0;
  }
  return accepted;
}

void try_records(std::size_t table, std::initializer_list<Field> fields) {
  for (const ByteVector& golden : {small(), in_motion()}) {
    const std::uint64_t count = sample::table_entry(golden, table).size / wire::kRecordSizes[table];
    for (std::uint64_t i = 0; i < count; ++i) {
      for (const Field& field : fields) {
        (void)try_boundaries(
            golden, {.at = sample::record_at(golden, table, i) + field.at, .size = field.size});
      }
    }
  }
}

TEST(FieldBoundary, of_the_header_is_refused_but_for_what_is_ignored) {
  constexpr std::size_t kFeaturesOptional = offsetof(wire::Header, features_optional);
  for (std::size_t at = 8; at < 72; at += at < 16 ? 4 : 8) {
    const std::size_t size = at < 16 ? 4 : 8;
    const bool ignored = at == kFeaturesOptional;
    for (const ByteVector& golden : {small(), in_motion()}) {
      const std::size_t accepted = try_boundaries(golden, {.at = at, .size = size});
      EXPECT_EQ(ignored, accepted > 4) << "header field at " << at << ": " << accepted;
    }
  }
  for (std::size_t at = 72; at < 88; at += 4) (void)try_boundaries(small(), {.at = at, .size = 4});
}

TEST(FieldBoundary, of_a_table_entry_is_refused_but_for_the_right_value) {
  for (std::size_t t = 0; t < wire::kTableCount; ++t) {
    const std::uint64_t entry = offsetof(wire::Header, tables) + t * sizeof(wire::TableEntry);
    (void)try_boundaries(in_motion(), {.at = entry, .size = 8});
    (void)try_boundaries(in_motion(), {.at = entry + 8, .size = 8});
    (void)try_boundaries(in_motion(), {.at = entry + 24, .size = 4});
    (void)try_boundaries(in_motion(), {.at = entry + 28, .size = 4});
  }
}

TEST(FieldBoundary, of_a_container_does_no_harm) {
  try_records(wire::kContainersTable,
              {{0, 8},   {8, 8},   {16, 4},  {20, 4},  {24, 4},  {28, 4}, {32, 4},
               {36, 4},  {40, 8},  {48, 8},  {56, 8},  {64, 8},  {88, 4}, {104, 4},
               {116, 4}, {128, 4}, {132, 4}, {136, 1}, {137, 1}, {138, 1}});
}

TEST(FieldBoundary, of_an_asset_does_no_harm) {
  try_records(wire::kAssetsTable, {{0, 8}, {8, 8}, {16, 8}, {24, 4}, {28, 2}, {30, 2}});
}

TEST(FieldBoundary, of_a_chunk_does_no_harm) {
  try_records(wire::kChunksTable, {{0, 8}, {8, 4}, {12, 4}, {16, 2}, {18, 2}});
}

TEST(FieldBoundary, of_a_gate_does_no_harm) {
  try_records(wire::kGatesTable,
              {{0, 8}, {16, 4}, {20, 4}, {24, 8}, {32, 8}, {56, 8}, {80, 4}, {84, 4}, {88, 8}});
}

TEST(FieldBoundary, of_a_dependency_or_name_does_no_harm) {
  try_records(wire::kDependenciesTable, {{0, 4}});
  try_records(wire::kNamesTable, {{0, 1}});
}

}  // namespace
}  // namespace nf
