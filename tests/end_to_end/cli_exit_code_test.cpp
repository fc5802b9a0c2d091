// Each way to go wrong: its exit code, and one sentence on standard error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;

constexpr int kWrongUse = 2, kBadInput = 3, kMachineRefused = 4;

void expect_failure(const RunResult& result, int code, const std::string& naming) {
  EXPECT_EQ(result.exit_code, code) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr(naming));
}

class CliExitCode : public ::testing::Test {
 protected:
  void pack_sample() {
    write_sample_source(work_ / "source", {.zones_per_side = 2});
    ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", work_ / "w.nfa"}).exit_code, 0);
  }
  WorkFolder work_;
};

TEST_F(CliExitCode, wrong_words_are_wrong_use) {
  expect_failure(run_nearfield({}), kWrongUse, "verb");
  expect_failure(run_nearfield({"fyl"}), kWrongUse, "fyl");
  expect_failure(run_nearfield({"info"}), kWrongUse, "archive");
  expect_failure(run_nearfield({"info", "a.nfa", "b.nfa"}), kWrongUse, "b.nfa");
  expect_failure(run_nearfield({"verify", "a.nfa", "--frobnicate"}), kWrongUse, "--frobnicate");
  expect_failure(run_nearfield({"pack", "a", "-o", "b", "--memory", "12x"}), kWrongUse, "12x");
  expect_failure(run_nearfield({"pack", "a", "-o", "b", "--codec", "gzip"}), kWrongUse, "gzip");
  expect_failure(run_nearfield({"pack", "a", "-o", "b", "--chunk-size", "2MiB"}), kWrongUse,
                 "chunk-size");
  expect_failure(run_nearfield({"pack", "a", "-o", "b", "--chunk-size", "4095"}), kWrongUse,
                 "4 KiB");
  expect_failure(run_nearfield({"fly", "a.nfa", "--speed", "-3"}), kWrongUse, "--speed");
  expect_failure(run_nearfield({"fly", "a.nfa", "--speed", "nan"}), kWrongUse, "--speed");
  expect_failure(run_nearfield({"fly", "a.nfa", "--memory", "1"}), kWrongUse, "--memory");
  expect_failure(run_nearfield({"fly", "a.nfa", "--trace", "t", "--route", "line"}), kWrongUse,
                 "--");
  expect_failure(run_nearfield({"fly", "a.nfa", "--trace", "t", "--origin", "1,2"}), kWrongUse,
                 "--origin");
  expect_failure(run_nearfield({"fly", "a.nfa", "--device", "abacus"}), kWrongUse, "abacus");
}

TEST_F(CliExitCode, a_disk_to_pack_for_has_a_name_or_a_model) {
  const auto pack = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"pack", "a", "-o", work_ / "b.nfa"});
    return run_nearfield(more);
  };
  expect_failure(pack({"--disk", "abacus"}), kWrongUse, "there is no device 'abacus'");
  expect_failure(pack({"--disk", "real"}), kWrongUse, "bench disk --model");
  expect_failure(pack({"--disk", "nvme", "--disk-rate", "1GB"}), kWrongUse, "--disk");
  expect_failure(pack({"--disk", work_ / "none.json"}), kWrongUse, "none.json");
  write_text(work_ / "bad.json", "{}");
  expect_failure(pack({"--disk", work_ / "bad.json"}), kBadInput, "bytes_per_second is missing");
  expect_failure(pack({"--disk-rate", "0"}), kWrongUse, "--disk-rate");
}

TEST_F(CliExitCode, negative_numbers_are_wrong_use) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"generate", work_ / "g", "--seed", "-1"},
        {"fly", "a.nfa", "--max-late", "-1"},
        {"fly", "a.nfa", "--device", "nvme", "--seed", "-1"},
        {"list", "a.nfa", "--depth", "-1"}}) {
    expect_failure(run_nearfield(words), kWrongUse, "must not be negative");
  }
}

TEST_F(CliExitCode, a_budget_that_cannot_be_had_is_named) {
  pack_sample();
  const RunResult result = run_nearfield({"fly", work_ / "w.nfa", "--memory", "100TiB"});
  EXPECT_THAT(result.exit_code, ::testing::AnyOf(kWrongUse, kMachineRefused));
  EXPECT_THAT(result.err, HasSubstr("--memory 100 TiB"));
}

TEST_F(CliExitCode, pack_takes_the_place_of_an_archive_only) {
  pack_sample();
  const std::string source = work_ / "source";
  const auto pack_to = [&](const std::string& to, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"pack", source, "-q", "-o", to});
    return run_nearfield(more);
  };
  write_text(work_ / "notes.txt", "mine\n");
  expect_failure(pack_to(work_ / "notes.txt"), kWrongUse, "--force");
  EXPECT_EQ(read_text(work_ / "notes.txt"), "mine\n");
  expect_failure(pack_to(work_.path(), {"--force"}), kWrongUse, "is a folder");
  EXPECT_EQ(pack_to(work_ / "notes.txt", {"--force"}).exit_code, 0);
  write_text(work_ / "empty", "");
  EXPECT_EQ(pack_to(work_ / "empty").exit_code, 0);
  EXPECT_EQ(pack_to(work_ / "empty").exit_code, 0) << "it is an archive now";

  // An input is never replaced, by whatever name it goes.
  std::filesystem::create_hard_link(source + "/zone_0_0/note.txt", work_ / "hard.txt");
  for (const std::string& input : {source + "/world.json", source + "/zone_0_0/note.txt",
                                   source + "/../source/world.json", work_ / "hard.txt"}) {
    const std::string before = read_text(input);
    EXPECT_EQ(pack_to(input).exit_code, kWrongUse) << input;
    expect_failure(pack_to(input, {"--force"}), kWrongUse, "belongs to the source");
    EXPECT_EQ(read_text(input), before);
  }
}

TEST_F(CliExitCode, a_report_takes_the_place_of_a_report_only) {
  pack_sample();
  std::filesystem::copy_file(work_ / "w.nfa", work_ / "other.nfa");
  const auto report_to = [&](const std::string& to, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"fly", work_ / "w.nfa", "--device", "nvme", "--seconds", "1", "-q",
                               "--report", to});
    return run_nearfield(more);
  };
  expect_failure(report_to(work_ / "other.nfa"), kWrongUse, "--force");
  EXPECT_TRUE(read_text(work_ / "other.nfa") == read_text(work_ / "w.nfa"));
  expect_failure(report_to(work_ / "w.nfa", {"--force"}), kWrongUse, "the archive itself");
  expect_failure(report_to(work_.path()), kWrongUse, "is a folder");
  expect_failure(report_to(work_ / "none/"), kWrongUse, "names a folder");
  EXPECT_EQ(report_to(work_ / "r.html").exit_code, 0);
  EXPECT_EQ(report_to(work_ / "r.html").exit_code, 0);
  write_text(work_ / "page.html", "\n<HTML><body>old</body></HTML>");
  EXPECT_EQ(report_to(work_ / "page.html").exit_code, 0);
  EXPECT_EQ(report_to(work_ / "other.nfa", {"--force"}).exit_code, 0);
  EXPECT_THAT(read_text(work_ / "other.nfa"), HasSubstr("</html>"));
}

TEST_F(CliExitCode, a_folder_or_an_archive_in_the_wrong_place_is_called_one) {
  pack_sample();
  for (const char* verb : {"info", "list", "verify", "fly"}) {
    expect_failure(run_nearfield({verb, work_.path()}), kWrongUse, "is a folder");
  }
  expect_failure(run_nearfield({"fly", work_ / "w.nfa", "--trace", work_.path()}), kWrongUse,
                 "is a folder");
  expect_failure(run_nearfield({"pack", work_ / "w.nfa", "-o", work_ / "x.nfa"}), kBadInput,
                 "is a nearfield archive already");
}

TEST_F(CliExitCode, everything_that_cannot_be_packed_is_named_at_once) {
  write_text(work_ / "plain/good.txt", "x");
  std::filesystem::create_symlink("good.txt", work_ / "plain/link1");
  std::filesystem::create_symlink("good.txt", work_ / "plain/link2");
  const RunResult result = run_nearfield({"pack", work_ / "plain", "-o", work_ / "x.nfa"});
  EXPECT_EQ(result.exit_code, kBadInput);
  EXPECT_THAT(result.err, HasSubstr("link1"));
  EXPECT_THAT(result.err, HasSubstr("link2"));
}

TEST_F(CliExitCode, names_of_nothing_are_wrong_use) {
  pack_sample();
  expect_failure(run_nearfield({"info", work_ / "none.nfa"}), kWrongUse, "none.nfa");
  expect_failure(run_nearfield({"pack", work_ / "none", "-o", work_ / "x.nfa"}), kWrongUse, "none");
  expect_failure(run_nearfield({"list", work_ / "w.nfa", "no/such"}), kWrongUse, "no/such");
  expect_failure(run_nearfield({"list", work_ / "w.nfa", "--kind", "smell"}), kWrongUse, "smell");
  expect_failure(run_nearfield({"cat", work_ / "w.nfa", "zone_0_0/none.txt"}), kWrongUse,
                 "none.txt");
  expect_failure(run_nearfield({"cat", work_ / "w.nfa", "zone_0_0"}), kWrongUse, "is a container");
  expect_failure(run_nearfield({"extract", work_ / "w.nfa", "no/such", "-o", work_ / "out"}),
                 kWrongUse, "no/such");
  expect_failure(run_nearfield({"fly", work_ / "w.nfa", "--trace", work_ / "none.csv"}), kWrongUse,
                 "none.csv");
}

TEST_F(CliExitCode, a_range_outside_of_its_asset_is_wrong_use) {
  pack_sample();
  const auto cat = [&](const std::string& range) {
    return run_nearfield({"cat", work_ / "w.nfa", "zone_0_0/note.txt", "--range", range});
  };
  const std::string size = std::to_string(read_text(work_ / "source/zone_0_0/note.txt").size());
  EXPECT_EQ(cat("0:" + size).exit_code, 0);
  const std::vector<std::string> outside = {"1:" + size, size + ":1", "18446744073709551615:2",
                                            "1:18446744073709551615", "0:" + size + "0"};
  for (const std::string& range : outside) {
    expect_failure(cat(range), kWrongUse, "zone_0_0/note.txt has ");
    EXPECT_EQ(cat(range).out, "");
  }
  for (const char* range : {"7", "7:", ":7", "-1:7", "1:x", "1:2:3", "1-2"}) {
    expect_failure(cat(range), kWrongUse, "FROM:SIZE");
  }
}

TEST_F(CliExitCode, files_that_are_no_archives_are_bad_input) {
  pack_sample();
  write_text(work_ / "text.nfa", std::string(10'000, 'a'));
  write_text(work_ / "empty.nfa", "");
  const std::string whole = read_text(work_ / "w.nfa");
  write_text(work_ / "cut.nfa", whole.substr(0, whole.size() - 4096));
  write_text(work_ / "header.nfa", whole);
  flip_byte(work_ / "header.nfa", 80);
  write_text(work_ / "table.nfa", whole);
  flip_byte(work_ / "table.nfa", whole.size() - 4096 + 3);
  for (const char* name : {"text.nfa", "empty.nfa", "cut.nfa", "header.nfa", "table.nfa"}) {
    for (const char* verb : {"info", "list", "verify", "fly"}) {
      expect_failure(run_nearfield({verb, work_ / name}), kBadInput, name);
    }
  }
}

TEST_F(CliExitCode, sources_and_traces_that_cannot_be_understood_are_bad_input) {
  pack_sample();
  write_text(work_ / "broken/world.json",
             "{\"format\": \"nearfield world\", \"version\": 1,\n \"rot\": {}}");
  expect_failure(run_nearfield({"pack", work_ / "broken", "-o", work_ / "x.nfa"}), kBadInput,
                 "world.json:2");
  write_text(work_ / "bad.csv", "t_seconds,x,y,z\n0,0,0,0\n1,2,zebra,4\n");
  expect_failure(run_nearfield({"fly", work_ / "w.nfa", "--trace", work_ / "bad.csv"}), kBadInput,
                 "line 3: column 3 (y): 'zebra' is not a number");
  write_text(work_ / "long.csv", "0,0,0,0\n3000000000,1,0,0\n");
  const std::vector<std::string> endless = {"fly",     work_ / "w.nfa",    "--device", "nvme",
                                            "--trace", work_ / "long.csv", "-q"};
  expect_failure(run_nearfield(endless), kBadInput, "too long");
  EXPECT_FALSE(std::filesystem::exists(work_ / "x.nfa"));
}

TEST_F(CliExitCode, a_damaged_chunk_is_bad_input_where_its_bytes_are_asked_for) {
  pack_sample();
  flip_byte(work_ / "w.nfa", 4096 + 100);
  const nlohmann::json bad = run_nearfield({"verify", work_ / "w.nfa", "--json"}).json()["bad"];
  ASSERT_EQ(bad.size(), 1u);
  const std::string container = bad[0]["container"];
  const std::string asset = container + "/" + container.substr(container.find('/') + 1) + ".dds";
  const RunResult cat = run_nearfield({"cat", work_ / "w.nfa", asset});
  expect_failure(cat, kBadInput, asset);
  EXPECT_THAT(cat.err, HasSubstr("offset 4096"));
  EXPECT_EQ(cat.out, "");
  expect_failure(run_nearfield({"extract", work_ / "w.nfa", "-o", work_ / "out"}), kBadInput,
                 container);
}

TEST_F(CliExitCode, no_room_for_the_output_is_the_machine) {
  if (!std::filesystem::is_character_file("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  pack_sample();
  expect_failure(run_nearfield({"cat", work_ / "w.nfa", "zone_0_0/ground.mesh"}, "/dev/full"),
                 kMachineRefused, "standard output");
  expect_failure(run_nearfield({"info", work_ / "w.nfa"}, "/dev/full"), kMachineRefused,
                 "standard output");
}

TEST_F(CliExitCode, a_folder_that_takes_no_files_is_the_machine) {
  if (!std::filesystem::exists("/sys/kernel") || !std::filesystem::exists("/proc/self")) {
    GTEST_SKIP() << "no /proc and /sys here, where nobody can make a file";
  }
  pack_sample();
  expect_failure(run_nearfield({"pack", work_ / "source", "-q", "-o", "/sys/w.nfa"}),
                 kMachineRefused, "/sys/w.nfa");
  expect_failure(run_nearfield({"extract", work_ / "w.nfa", "-o", "/proc/out"}), kMachineRefused,
                 "/proc/out");
}

TEST_F(CliExitCode, a_limit_on_file_sizes_is_the_machine_and_leaves_nothing_behind) {
  pack_sample();
  std::filesystem::create_directory(work_ / "limited");
  const auto limited = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"-c", "ulimit -f 64; exec \"$0\" \"$@\"", bin_path("nearfield")});
    return RunningProgram("/bin/sh", words).wait();
  };
  expect_failure(limited({"pack", work_ / "source", "-q", "-o", work_ / "limited/w.nfa"}),
                 kMachineRefused, "w.nfa");
  EXPECT_TRUE(std::filesystem::is_empty(work_ / "limited"));
  expect_failure(limited({"extract", work_ / "w.nfa", "-q", "-o", work_ / "out"}), kMachineRefused,
                 "out/");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(work_ / "out")) {
    EXPECT_FALSE(entry.is_regular_file()) << entry.path();
  }
}

TEST_F(CliExitCode, asking_for_a_ring_that_is_refused_is_the_machine) {
  if (!can_deny_uring()) GTEST_SKIP() << "bin/deny_uring is not built";
  pack_sample();
  expect_failure(run_without_uring(EPERM, false, {"fly", work_ / "w.nfa", "--backend", "uring"}),
                 kMachineRefused, "w.nfa");
}

TEST_F(CliExitCode, with_json_errors_are_documents_too) {
  const RunResult words = run_nearfield({"verify", "a.nfa", "--json", "--threads", "65"});
  EXPECT_EQ(words.exit_code, kWrongUse);
  EXPECT_EQ(words.json()["exit_code"], kWrongUse);
  EXPECT_THAT(words.json()["error"], HasSubstr("--threads"));
  const RunResult result = run_nearfield({"info", work_ / "none.nfa", "--json"});
  EXPECT_EQ(result.exit_code, kWrongUse);
  EXPECT_EQ(result.json()["exit_code"], kWrongUse);
  EXPECT_THAT(result.json()["error"], HasSubstr("none.nfa"));
  EXPECT_THAT(result.err, HasSubstr("none.nfa"));
}

}  // namespace
}  // namespace nf::end_to_end
