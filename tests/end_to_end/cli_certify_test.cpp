// certify: a world that keeps its promise, one that does not, and what a build pipeline sees of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSlow =
    R"({"bytes_per_second":15000,"latency_us_p50":2000,"latency_us_p99":4000,"parallel":2})";

class CliCertify : public ::testing::Test {
 protected:
  void SetUp() override {
    write_sample_source(work_ / "source", {});
    ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", world_}).exit_code, 0);
    write_text(work_ / "slow.json", kSlow);
  }
  RunResult certify(std::vector<std::string> more) const {
    more.insert(more.begin(), {"certify", world_});
    return run_nearfield(more);
  }

  WorkFolder work_;
  const std::string world_ = work_ / "w.nfa";
};

TEST_F(CliCertify, says_yes_with_exit_0) {
  const RunResult result = certify({"--speed", "100", "--device", "nvme", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json document = result.json();
  EXPECT_EQ(document["certified"], true);
  EXPECT_EQ(document["safe"], document["containers"]);
  EXPECT_GT(document["containers"], 80);
  EXPECT_GT(document["slack_ms"], 0);
  EXPECT_EQ(document["lateness_ms_found"], 0);
  EXPECT_EQ(document["certificate_broken"], 0);
  EXPECT_EQ(document["flights"], 12);
}

TEST_F(CliCertify, says_no_with_exit_1_and_where) {
  const RunResult result = certify({"--speed", "900", "--device", work_ / "slow.json", "--json",
                                    "--report", work_ / "c.html", "--flights", "6"});
  ASSERT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("can be late"));
  const nlohmann::json document = result.json();
  EXPECT_EQ(document["certified"], false);
  EXPECT_GT(document["late"], 0);  // shown in a flight
  EXPECT_GT(document["lateness_ms_most"], document["lateness_ms_found"]);
  EXPECT_EQ(document["certificate_broken"], 0);
  EXPECT_EQ(
      document["safe"].get<int>() + document["late"].get<int>() + document["undecided"].get<int>(),
      document["containers"]);
  EXPECT_FALSE(document["worst_places"].empty());
  EXPECT_FALSE(document["not_safe"].empty());
  const std::string page = read_text(work_ / "c.html");
  EXPECT_THAT(page, HasSubstr("<svg class='map'"));
  EXPECT_THAT(page, HasSubstr("Not certified"));
}

// A script that reads a number here would take it for a promise.
TEST_F(CliCertify, gives_no_number_where_some_have_no_bound) {
  const std::vector<std::string> words = {"--speed", "100",      "--wanted-max",
                                          "1",       "--report", work_ / "c.html"};
  const RunResult text = certify(words);
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, HasSubstr("lateness  no bound for "));
  EXPECT_THAT(text.out, Not(HasSubstr("0 ms at most by")));
  std::vector<std::string> with_json = words;
  with_json.push_back("--json");
  const nlohmann::json document = certify(with_json).json();
  EXPECT_TRUE(document["lateness_ms_most"].is_null());
  EXPECT_GT(document["unbounded"], 0);
  EXPECT_TRUE(document["lateness_ms_most_bounded"].is_number());
  const std::string page = read_text(work_ / "c.html");
  EXPECT_THAT(page, HasSubstr("<b>no bound</b>"));
  EXPECT_THAT(page, Not(HasSubstr("late at most, by the certificate")));
}

TEST_F(CliCertify, says_what_a_cause_means_and_what_helps) {
  std::vector<std::string> words = {"--speed",   "100", "--wanted-max", "1",
                                    "--flights", "0",   "--report",     work_ / "c.html"};
  const RunResult text = certify(words);
  EXPECT_THAT(text.out, HasSubstr(": more is wanted at one time than a list"));
  const std::string page = read_text(work_ / "c.html");
  EXPECT_THAT(page, HasSubstr("What the causes mean"));
  // What is said to help does.
  const std::size_t at = text.out.find("--wanted-max ");
  ASSERT_NE(at, std::string::npos);
  words[3] = text.out.substr(at + 13, text.out.find(',', at) - at - 13);
  EXPECT_EQ(certify(words).exit_code, 0) << words[3];
  const std::string help = run_nearfield({"certify", "--help"}).out;
  for (const char* cause : {"deadline,", "holes,", "memory,", "limit,"}) {
    EXPECT_THAT(help, HasSubstr(cause));
  }
}

TEST_F(CliCertify, names_a_budget_that_is_enough) {
  const RunResult result =
      certify({"--speed", "900", "--budget", "4MiB", "--flights", "0", "--json"});
  ASSERT_EQ(result.exit_code, 1);
  const std::string causes = result.json().value("causes", nlohmann::json()).dump();
  std::string budget;
  for (std::size_t at = 0; (at = causes.find("--budget ", at)) != std::string::npos;) {
    at += 9;
    budget = causes.substr(at, causes.find(' ', at) - at);
  }
  ASSERT_FALSE(budget.empty()) << causes;
  EXPECT_EQ(certify({"--speed", "900", "--budget", budget, "--flights", "0"}).exit_code, 0)
      << budget;
}

TEST_F(CliCertify, judges_a_part_alone) {
  const nlohmann::json all = certify({"--speed", "100", "--json"}).json();
  const RunResult part = certify({"--speed", "100", "--under", "zone_0_0", "--json"});
  ASSERT_EQ(part.exit_code, 0) << part.err;
  EXPECT_EQ(part.json()["containers"], 1);
  EXPECT_GT(all["containers"], 1);
  const RunResult result = certify({"--speed", "100", "--under", "no/such", "--json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no/such"));
}

TEST_F(CliCertify, proves_nothing_of_what_has_no_place) {
  write_text(work_ / "ship/x.bin", std::string(1000, 'x'));
  write_text(work_ / "ship/world.json",
             R"({"format": "nearfield world", "version": 1, "root": {"children": [{"name": "ship",
                 "template": true, "bounds": {"sphere": 2}, "load_distance": 20,
                 "assets": ["x.bin"]}]}})");
  ASSERT_EQ(run_nearfield({"pack", work_ / "ship", "-o", work_ / "ship.nfa"}).exit_code, 0);
  for (const bool part : {false, true}) {
    std::vector<std::string> words = {"certify", work_ / "ship.nfa", "--speed", "5"};
    if (part) words.insert(words.end(), {"--under", "ship"});
    const RunResult result = run_nearfield(words);
    EXPECT_EQ(result.exit_code, 1) << part;
    EXPECT_THAT(result.err, HasSubstr("nothing of what was asked about has a place"));
    words.push_back("--json");
    EXPECT_TRUE(run_nearfield(words).json()["lateness_ms_most"].is_null()) << part;
  }
}

TEST_F(CliCertify, draws_as_safe_only_what_was_asked_about_and_has_a_place) {
  write_text(work_ / "ship/x.bin", std::string(1000, 'x'));
  write_text(work_ / "ship/world.json",
             R"({"format": "nearfield world", "version": 1, "root": {"children": [
                 {"name": "ship", "template": true, "bounds": {"sphere": 2}, "load_distance": 20,
                  "assets": ["x.bin"], "children": [{"name": "cockpit", "bounds": {"sphere": 1},
                  "load_distance": 5, "assets": ["x.bin"]}]},
                 {"name": "a", "bounds": {"sphere": 2}, "load_distance": 20, "assets": ["x.bin"]},
                 {"name": "b", "position": [3, 0, 0], "bounds": {"sphere": 2},
                  "load_distance": 20, "assets": ["x.bin"]}]}})");
  ASSERT_EQ(run_nearfield({"pack", work_ / "ship", "-o", work_ / "ship.nfa"}).exit_code, 0);
  const RunResult result = run_nearfield({"certify", work_ / "ship.nfa", "--speed", "5", "--under",
                                          "a", "--report", work_ / "c.html"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string page = read_text(work_ / "c.html");
  EXPECT_THAT(page, HasSubstr("'place good'"));
  EXPECT_THAT(page, HasSubstr("<title>a</title>"));
  EXPECT_THAT(page, Not(HasSubstr("<title>ship")));
  const std::size_t at = page.find("<title>b</title>");
  ASSERT_NE(at, std::string::npos);
  EXPECT_THAT(page.substr(page.rfind("<circle", at), at - page.rfind("<circle", at)),
              HasSubstr("class='place'"));
}

TEST_F(CliCertify, draws_the_plane_in_which_things_lie_apart_and_names_it) {
  std::string children;
  for (int i = 0; i < 20; ++i) {
    children += std::string(i > 0 ? "," : "") + R"({"name": "h)" + std::to_string(i) +
                R"(", "position": [0, 0, )" + (i == 0 ? "60" : "0") +
                R"(], "bounds": {"sphere": 2}, "load_distance": 20, "assets": ["x.bin"]})";
  }
  write_text(work_ / "city/x.bin", "x");
  write_text(
      work_ / "city/world.json",
      R"({"format": "nearfield world", "version": 1, "root": {"children": [)" + children + "]}}");
  ASSERT_EQ(run_nearfield({"pack", work_ / "city", "-o", work_ / "city.nfa"}).exit_code, 0);
  const std::vector<std::string> words = {"certify", work_ / "city.nfa", "--speed",
                                          "5",       "--flights",        "0",
                                          "--force", "--report",         work_ / "c.html"};
  ASSERT_EQ(run_nearfield(words).exit_code, 0);
  const std::string page = read_text(work_ / "c.html");
  EXPECT_THAT(page, HasSubstr("Seen along y: x to the right, z up"));
  EXPECT_THAT(page, HasSubstr("certify --under PATH draws a part alone"));
}

// A tour that led to where a template's frame would be met nothing there.
TEST(CliTour, leads_to_nothing_of_a_template) {
  const WorkFolder work;
  write_text(work / "ship/x.bin", std::string(1000, 'x'));
  write_text(work / "ship/world.json",
             R"({"format": "nearfield world", "version": 1, "root": {"children": [{"name": "ship",
                 "template": true, "bounds": {"sphere": 2}, "load_distance": 20,
                 "assets": ["x.bin"]}]}})");
  ASSERT_EQ(run_nearfield({"pack", work / "ship", "-o", work / "ship.nfa"}).exit_code, 0);
  const RunResult result = run_nearfield({"fly", work / "ship.nfa", "--device", "nvme"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no container has a place"));
}

TEST_F(CliCertify, ends_soon_when_it_is_interrupted) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  RunningProgram program(bin_path("nearfield"),
                         {"certify", world_, "--speed", "900", "--device", work_ / "slow.json",
                          "--flights", "10000", "--report", work_ / "c.html"});
  ASSERT_TRUE(program.signal_when_caught(SIGINT));
  const RunResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(result.err, HasSubstr("interrupted"));
  EXPECT_FALSE(std::filesystem::exists(work_ / "c.html"));
}

TEST_F(CliCertify, is_the_same_when_it_is_repeated) {
  const std::vector<std::string> words = {"--speed", "900",       "--device", work_ / "slow.json",
                                          "--json",  "--flights", "3"};
  EXPECT_EQ(certify(words).out, certify(words).out);
}

TEST_F(CliCertify, says_what_is_wrong_with_a_question) {
  const auto refused = [&](const std::vector<std::string>& words, const char* word) {
    const RunResult result = certify(words);
    EXPECT_EQ(result.exit_code, 2) << word;
    EXPECT_THAT(result.err, HasSubstr(word));
  };
  refused({}, "--speed");
  refused({"--speed", "0"}, "--speed");
  refused({"--speed", "nan"}, "--speed");
  refused({"--speed", "10", "--device", "real"}, "real");
  refused({"--speed", "10", "--lookahead", "0"}, "--lookahead");
  refused({"--speed", "10", "--budget", "1"}, "--budget");
  refused({"--speed", "10", "--resolution", "-1"}, "--resolution");
  refused({"--speed", "10", "--report", world_}, "archive itself");
  EXPECT_EQ(run_nearfield({"certify", work_ / "none.nfa", "--speed", "10"}).exit_code, 2);
}

}  // namespace
}  // namespace nf::end_to_end
