// Device files: what was written is read back, and what is wrong is named.
#include "tools/nearfield/device_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/sample_source.h"
#include "tools/nearfield/exit_code.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSound =
    R"({"name":"n","bytes_per_second":2e9,"latency_us_p50":80,"latency_us_p99":200,"parallel":16})";

std::string wrong_with(const std::string& text) {
  std::string detail;
  const Result<DeviceFile> file = parse_device_file(text, detail);
  return file ? "nothing" : detail;
}

TEST(DeviceFile, comes_back_as_it_was_written) {
  const WorkFolder work;
  DeviceFile file;
  file.name = "a \"disk\"";
  file.model = {.bytes_per_second = 1.5e9,
                .latency_p50 = {70'000},
                .latency_p99 = {210'000},
                .parallel = 7,
                .adjacent_latency = 0.5};
  file.reads_in_flight_max = {2u << 20};
  ASSERT_TRUE(write_device_file(work / "d.json", file).has_value());
  std::string detail;
  const Result<DeviceFile> again = read_device_file(work / "d.json", detail);
  ASSERT_TRUE(again.has_value()) << detail;
  EXPECT_EQ(again->name, file.name);
  EXPECT_EQ(again->model.bytes_per_second, 1.5e9);
  EXPECT_EQ(again->model.latency_p50, file.model.latency_p50);
  EXPECT_EQ(again->model.latency_p99, file.model.latency_p99);
  EXPECT_EQ(again->model.parallel, 7u);
  EXPECT_EQ(again->model.adjacent_latency, 0.5);
  EXPECT_EQ(again->reads_in_flight_max.value, 2u << 20);
}

TEST(DeviceFile, needs_no_more_than_the_disk_itself) {
  EXPECT_EQ(wrong_with(kSound), "nothing");
}

TEST(DeviceFile, is_no_report_of_the_benchmark_whatever_its_size) {
  const WorkFolder work;
  for (const std::size_t notes : {1u, 100'000u}) {
    write_text(work / "report.json",
               "{\n \"machine\": {\n  \"cores\": 2\n },\n \"results\": [],\n"
               " \"notes\": \"" +
                   std::string(notes, 'n') + "\"\n}\n");
    std::string detail;
    const Result<DeviceFile> file = read_device_file(work / "report.json", detail);
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(exit_code_of(file.error()), ExitCode::bad_input);
    EXPECT_THAT(detail, HasSubstr("is a report of nearfield bench, not a model"));
  }
  write_text(work / "long.json", std::string(100'000, ' '));
  std::string detail;
  const Result<DeviceFile> file = read_device_file(work / "long.json", detail);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(exit_code_of(file.error()), ExitCode::bad_input);
  EXPECT_THAT(detail, HasSubstr("longer than any model"));
}

TEST(DeviceFile, is_refused_with_a_sentence) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = kSound;
    return wrong_with(text.replace(text.find(from), from.size(), to));
  };
  EXPECT_THAT(wrong_with(""), HasSubstr("not a JSON object"));
  EXPECT_THAT(wrong_with("[1]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(with("\"parallel\":16", "\"parallel\":0"), HasSubstr("parallel is out of its range"));
  EXPECT_THAT(with("\"parallel\":16", "\"parallel\":1e30"), HasSubstr("parallel is out of"));
  EXPECT_THAT(with("\"parallel\":16", "\"paralel\":16"), HasSubstr("parallel is missing"));
  EXPECT_THAT(with("2e9", "\"fast\""), HasSubstr("bytes_per_second is not a number"));
  EXPECT_THAT(with("2e9", "-1"), HasSubstr("bytes_per_second is out of its range"));
  EXPECT_THAT(with("p99\":200", "p99\":20"), HasSubstr("less than latency_us_p50"));
  EXPECT_THAT(with("\"n\"", "7"), HasSubstr("name"));
  EXPECT_THAT(with("{", "{\"speed\":1,"), HasSubstr("there is no field 'speed'"));
}

TEST(DeviceFile, that_is_not_there_is_an_error_of_the_machine) {
  std::string detail;
  const Result<DeviceFile> file = read_device_file("no/such/file.json", detail);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::file_open_failed);
}

}  // namespace
}  // namespace nf::end_to_end
