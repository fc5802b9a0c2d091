// The way of a world through the command line: pack, info, list, cat, extract, verify.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string>& verbs() {
  static const std::vector<std::string> all = {"pack",    "info",    "list",     "cat",
                                               "extract", "verify",  "generate", "fly",
                                               "certify", "predict", "train"};
  return all;
}

TEST(Cli, help_names_every_verb_and_every_exit_code) {
  const RunResult help = run_nearfield({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const std::string& verb : verbs()) EXPECT_THAT(help.out, HasSubstr(verb));
  for (const char* meaning : {"0    done", "1    the answer is no", "2    wrong use",
                              "3    the input is bad", "4    the machine refused"}) {
    EXPECT_THAT(help.out, HasSubstr(meaning));
  }
}

TEST(Cli, every_verb_has_help_with_an_example) {
  for (const std::string& verb : verbs()) {
    const RunResult help = run_nearfield({verb, "--help"});
    EXPECT_EQ(help.exit_code, 0) << verb;
    EXPECT_THAT(help.out, HasSubstr("Example:\n  nearfield " + verb)) << verb;
    EXPECT_THAT(help.out, HasSubstr("--json")) << verb;
    EXPECT_EQ(help.err, "") << verb;
  }
}

// The lines of a help text that begin with `prefix`, without the program's name and without what is
// set off by two spaces.
std::vector<std::string> examples_in(const std::string& help, const std::string& prefix) {
  std::vector<std::string> found;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at == std::string::npos || line.compare(at, prefix.size(), prefix) != 0) continue;
    line = line.substr(at + std::string("nearfield").size());
    line = line.substr(0, line.find("  "));
    found.push_back(line);
  }
  return found;
}

TEST(Cli, the_examples_of_help_work_on_the_world_that_help_makes) {
  const WorkFolder work;
  const auto run_line = [&](const std::string& words) {
    const RunResult result = RunningProgram("/bin/sh", {"-c", "cd \"$1\" && \"$0\"" + words,
                                                        bin_path("nearfield"), work.path()})
                                 .wait();
    EXPECT_EQ(result.exit_code, 0) << words << "\n" << result.err;
    return result;
  };
  const std::string about = run_nearfield({"--help"}).out;
  const std::vector<std::string> generate = examples_in(about, "nearfield generate ");
  const std::vector<std::string> pack = examples_in(about, "nearfield pack ");
  ASSERT_EQ(generate.size(), 1u);
  ASSERT_EQ(pack.size(), 1u);
  run_line(generate[0]);
  run_line(pack[0] + " --codec store");
  for (const char* verb : {"info", "list", "cat", "extract", "verify"}) {
    const std::string prefix = std::string("nearfield ") + verb + " ";
    const std::vector<std::string> examples =
        examples_in(run_nearfield({verb, "--help"}).out, prefix + "world.nfa");
    ASSERT_FALSE(examples.empty()) << verb;
    for (const std::string& example : examples) run_line(example);
  }
  const std::vector<std::string> fly = examples_in(about, "nearfield fly ");
  ASSERT_EQ(fly.size(), 1u);
  run_line(fly[0] + " --device nvme");
  EXPECT_TRUE(std::filesystem::exists(work / "fly.html"));
}

TEST(Cli, every_option_has_a_help_text) {
  // CLI11 says what an option does from this column on, behind it or below.
  constexpr std::size_t kColumn = 30;
  for (const std::string& verb : verbs()) {
    std::istringstream lines(run_nearfield({verb, "--help"}).out);
    std::string open;  // an option whose text is to come
    for (std::string line; std::getline(lines, line);) {
      if (!open.empty()) {
        EXPECT_EQ(line.find_first_not_of(' '), kColumn) << verb << open;
      }
      open.clear();
      const bool option = line.compare(0, 3, "  -") == 0;
      const bool told = line.size() > kColumn && line[kColumn - 1] == ' ';
      if (option && !told) open = line;
    }
  }
}

TEST(Cli, says_its_version) {
  const RunResult version = run_nearfield({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, ::testing::StartsWith("nearfield "));
}

TEST(Cli, plain_folders_come_back_byte_for_byte) {
  const WorkFolder work;
  write_plain_source(work / "source");
  const RunResult packed = run_nearfield({"pack", work / "source", "-o", work / "w.nfa"});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;
  const RunResult extracted = run_nearfield({"extract", work / "w.nfa", "-o", work / "out"});
  ASSERT_EQ(extracted.exit_code, 0) << extracted.err;
  EXPECT_EQ(tree_difference(work / "source", work / "out"), "");
}

TEST(Cli, one_container_or_one_asset_is_extracted_alone) {
  const WorkFolder work;
  write_plain_source(work / "source");
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa"}).exit_code, 0);
  const RunResult extracted = run_nearfield({"extract", work / "w.nfa", "a/deep", "/top.txt",
                                             "a/deep/random.dds", "-o", work / "out", "--json"});
  ASSERT_EQ(extracted.exit_code, 0) << extracted.err;
  EXPECT_EQ(extracted.json()["files"], 3);
  EXPECT_EQ(read_text(work / "out/top.txt"), "at the top\n");
  EXPECT_EQ(tree_difference(work / "source/a/deep", work / "out/a/deep"), "");
  EXPECT_FALSE(std::filesystem::exists(work / "out/many"));
  EXPECT_FALSE(std::filesystem::exists(work / "out/a/one byte.txt"));
}

TEST(Cli, cat_writes_the_bytes_and_nothing_else) {
  const WorkFolder work;
  write_plain_source(work / "source");
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa"}).exit_code, 0);
  for (const char* path : {"top.txt", "empty.bin", "a/deep/random.dds", "naïve/Größe Δ 星.txt"}) {
    const RunResult cat = run_nearfield({"cat", work / "w.nfa", path});
    EXPECT_EQ(cat.exit_code, 0) << cat.err;
    EXPECT_EQ(cat.out, read_text((work / "source/") + path)) << path;
  }
  const nlohmann::json about =
      run_nearfield({"cat", work / "w.nfa", "a/deep/random.dds", "--json"}).json();
  EXPECT_EQ(about["raw_size"], 300'001);
  EXPECT_EQ(about["kind"], "texture");
}

TEST(Cli, cat_writes_the_part_that_was_asked_for) {
  const WorkFolder work;
  write_plain_source(work / "source");
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa", "--chunk-size", "64KiB"})
                .exit_code,
            0);
  const std::string path = "a/deep/random.dds";
  const std::string whole = read_text(work / "source/a/deep/random.dds");
  ASSERT_EQ(whole.size(), 300'001u);
  const auto cat = [&](const std::string& range) {
    return run_nearfield({"cat", work / "w.nfa", path, "--range", range});
  };
  EXPECT_TRUE(cat("0:300001").out == whole);
  EXPECT_TRUE(cat("64KiB:100kB").out == whole.substr(65'536, 100'000));
  EXPECT_EQ(cat("300000:1").out, whole.substr(300'000));
  EXPECT_EQ(cat("300001:0").out, "");
  EXPECT_EQ(cat("300001:0").exit_code, 0);
  const auto about = [&](const std::string& range) {
    return run_nearfield({"cat", work / "w.nfa", path, "--range", range, "--json"}).json();
  };
  EXPECT_EQ(about("7:500")["range"], (nlohmann::json{{"from", 7}, {"size", 500}}));
  EXPECT_EQ(about("7:500")["raw_size"], 300'001);
  EXPECT_NE(about("7:500")["hash"], about("8:500")["hash"]);
  EXPECT_EQ(about("0:300001")["hash"],
            run_nearfield({"cat", work / "w.nfa", path, "--json"}).json()["hash"]);
}

TEST(Cli, info_and_list_count_the_same_world) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 4});
  const nlohmann::json packed =
      run_nearfield({"pack", work / "source", "-o", work / "w.nfa", "--json"}).json();
  const nlohmann::json info = run_nearfield({"info", work / "w.nfa", "--json"}).json();
  for (const char* key :
       {"containers", "assets", "chunks", "raw_size", "stored_size", "file_size"}) {
    EXPECT_EQ(packed[key], info[key]) << key;
  }
  EXPECT_EQ(info["containers"], 1 + 1 + 4 + 16);  // root, group, shared textures, zones
  EXPECT_EQ(info["shared_containers"], 4);
  EXPECT_EQ(info["placed_containers"], 16);
  EXPECT_EQ(info["unplaced_containers"], 2);
  EXPECT_THAT(run_nearfield({"info", work / "w.nfa"}).out, HasSubstr("2 without a place"));
  EXPECT_EQ(info["file_size"], std::filesystem::file_size(work / "w.nfa"));

  const nlohmann::json list = run_nearfield({"list", work / "w.nfa", "--assets", "--json"}).json();
  EXPECT_EQ(list["containers"].size(), info["containers"]);
  std::size_t assets = 0, raw_size = 0;
  for (const nlohmann::json& container : list["containers"]) {
    assets += container["assets"].size();
    raw_size += container["raw_size"].get<std::size_t>();
  }
  EXPECT_EQ(assets, info["assets"]);
  EXPECT_EQ(raw_size, info["raw_size"]);
}

TEST(Cli, list_filters_by_path_kind_and_depth) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 3});
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa"}).exit_code, 0);
  const auto list = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"list", work / "w.nfa", "--json"});
    return run_nearfield(words).json()["containers"];
  };
  EXPECT_EQ(list({"shared"}).size(), 5u);
  EXPECT_EQ(list({"shared", "--depth", "0"}).size(), 1u);
  EXPECT_EQ(list({"--depth", "1"}).size(), 1u + 1 + 9);
  EXPECT_EQ(list({"--kind", "mesh"}).size(), 9u);
  EXPECT_EQ(list({"zone_1_2", "--kind", "mesh"})[0]["assets"].size(), 1u);
  const RunResult text = run_nearfield({"list", work / "w.nfa", "zone_1_2", "--assets"});
  EXPECT_THAT(text.out, HasSubstr("note.txt"));
  const RunResult flat = run_nearfield({"list", work / "w.nfa", "--assets", "--flat"});
  EXPECT_THAT(flat.out, HasSubstr("zone_1_2/note.txt"));
}

TEST(Cli, verify_names_the_chunk_whose_byte_was_flipped) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 3});
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa"}).exit_code, 0);
  const RunResult good = run_nearfield({"verify", work / "w.nfa", "--json"});
  ASSERT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(good.json()["bad_chunks"], 0);
  EXPECT_EQ(good.json()["content_hash"].get<std::string>().size(), 32u);

  const std::uint64_t runs_at = 4096;
  flip_byte(work / "w.nfa", runs_at + 17);
  const RunResult bad = run_nearfield({"verify", work / "w.nfa", "--json"});
  EXPECT_EQ(bad.exit_code, 1);
  const nlohmann::json report = bad.json();
  EXPECT_EQ(report["bad_chunks"], 1);
  ASSERT_EQ(report["bad"].size(), 1u);
  EXPECT_EQ(report["bad"][0]["offset"], runs_at);
  EXPECT_EQ(report["bad"][0]["chunk"], 0);
  EXPECT_THAT(report["bad"][0]["container"], HasSubstr("shared/t"));
  EXPECT_EQ(report["chunks_checked"], good.json()["chunks_checked"]);
  EXPECT_THAT(bad.err, HasSubstr("chunk 0"));
  EXPECT_THAT(bad.err, HasSubstr("chunks is bad"));
  EXPECT_THAT(bad.err, HasSubstr("4096"));

  const RunResult text = run_nearfield({"verify", work / "w.nfa"});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, HasSubstr("chunk 0"));
}

TEST(Cli, packing_is_the_same_with_any_number_of_threads) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 5});
  std::string first;
  for (const char* threads : {"1", "2", "5"}) {
    const std::string archive = work / (std::string(threads) + ".nfa");
    ASSERT_EQ(
        run_nearfield({"pack", work / "source", "-o", archive, "--threads", threads}).exit_code, 0);
    const std::string bytes = read_text(archive);
    if (first.empty()) first = bytes;
    EXPECT_TRUE(bytes == first) << threads << " threads";
  }
}

TEST(Cli, pack_says_what_it_chose_for_the_disk_and_why) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 4});
  write_text(work / "fast.json",
             R"({"bytes_per_second":7e9,"latency_us_p50":80,"latency_us_p99":200,"parallel":16})");
  const auto pack = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"pack", work / "source", "-o", work / "w.nfa"});
    const RunResult result = run_nearfield(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result;
  };
  const nlohmann::json slow = pack({"--disk", "hdd", "--json"}).json();
  EXPECT_GT(slow["by_codec"]["zstd"]["chunks"], 0);
  EXPECT_EQ(slow["choice"]["disk"], "hdd");
  EXPECT_EQ(slow["choice"]["raw_is_sooner"], false);
  EXPECT_EQ(slow["choice"]["sentence"], "");
  const nlohmann::json& outlook = slow["choice"]["outlook"];
  EXPECT_GT(outlook["zstd"]["resident_bytes_per_second"],
            outlook["store"]["resident_bytes_per_second"]);

  const nlohmann::json fast = pack({"--disk", work / "fast.json", "--json"}).json();
  EXPECT_EQ(fast["by_codec"]["store"]["chunks"], fast["chunks"]);
  EXPECT_EQ(fast["by_codec"]["store"]["raw_size"], fast["raw_size"]);
  EXPECT_EQ(fast["choice"]["disk_bytes_per_second"], 7e9);
  EXPECT_EQ(fast["choice"]["raw_is_sooner"], true);
  EXPECT_EQ(fast["choice"]["outlook"]["as_packed"]["resident_bytes_per_second"], 7e9);
  const std::string sentence = fast["choice"]["sentence"];
  EXPECT_THAT(sentence, HasSubstr("on a disk of 7.00 GB/s bytes stored as they are are resident "
                                  "sooner than LZ4's: 100 % of the bytes are stored raw"));
  EXPECT_THAT(sentence, HasSubstr("--codec lz4 would make the file"));
  EXPECT_THAT(pack({"--disk", work / "fast.json"}).out, HasSubstr(sentence));
  EXPECT_THAT(pack({"--disk-rate", "7GB", "--codec", "lz4"}).out,
              HasSubstr("--codec auto would store them raw"));
  EXPECT_THAT(pack({"--disk-rate", "2.7GB", "--codec", "zstd"}).out,
              Not(HasSubstr("store them raw")));
  const nlohmann::json lz4 = pack({"--codec", "lz4", "--json"}).json();
  EXPECT_EQ(lz4["choice"]["outlook"]["zstd"], nullptr) << "was not tried";
  EXPECT_EQ(lz4["choice"]["outlook"]["lz4"], lz4["choice"]["outlook"]["as_packed"]);
}

// Files of the archive's folder other than the archive.
std::size_t strangers_in(const std::string& folder) {
  return static_cast<std::size_t>(std::count_if(
      std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator(),
      [](const auto& entry) { return entry.path().filename() != "w.nfa"; }));
}

TEST(Cli, interrupted_packing_leaves_the_old_archive) {
  const WorkFolder work;
  write_sample_source(work / "old", {.zones_per_side = 2});
  write_sample_source(work / "new", {.zones_per_side = 14, .zone_bytes = 300'000});
  std::filesystem::create_directory(work / "out");
  ASSERT_EQ(run_nearfield({"pack", work / "old", "-o", work / "out/w.nfa"}).exit_code, 0);
  const std::string before = read_text(work / "out/w.nfa");

  RunningProgram pack(bin_path("nearfield"),
                      {"pack", work / "new", "-o", work / "out/w.nfa", "--codec", "zstd",
                       "--zstd-level", "19", "--threads", "1"});
  while (!pack.ended() && strangers_in(work / "out") == 0) ::usleep(1000);
  ASSERT_FALSE(pack.ended()) << "it was done before it could be interrupted";
  ::kill(pack.process(), SIGINT);
  const RunResult result = pack.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("interrupted"));
  EXPECT_TRUE(read_text(work / "out/w.nfa") == before);
  EXPECT_EQ(strangers_in(work / "out"), 0u);
}

TEST(Cli, a_closed_pipe_ends_it_without_a_word) {
  const WorkFolder work;
  write_sample_source(work / "source", {.zones_per_side = 2});
  ASSERT_EQ(run_nearfield({"pack", work / "source", "-o", work / "w.nfa"}).exit_code, 0);
  const RunResult result =
      RunningProgram("/bin/sh",
                     {"-c", "exec 3>&1; { \"$0\" list \"$1\" --assets; echo $? >&3; } | :",
                      bin_path("nearfield"), work / "w.nfa"})
          .wait();
  // 141: ended by SIGPIPE. If `:` was slow to close its end, everything was taken.
  EXPECT_THAT(result.out, ::testing::AnyOf("141\n", "0\n"));
  EXPECT_EQ(result.err, "");
}

}  // namespace
}  // namespace nf::end_to_end
