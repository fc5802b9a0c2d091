// fly: the same world over every device, and what it says when something is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Each late arrival has one cause, every cause is counted, and the counts are of the list.
void expect_counted_causes(const nlohmann::json& report) {
  nlohmann::json counts = {
      {"foretold_too_late", 0}, {"disk", 0},   {"decode", 0}, {"memory", 0}, {"budget", 0},
      {"dependency", 0},        {"failed", 0}, {"unknown", 0}};
  for (const nlohmann::json& late : report["late"]) {
    nlohmann::json& count = counts[late["cause"].get<std::string>()];
    count = count.get<int>() + 1;
  }
  EXPECT_EQ(report["late_by_cause"], counts);
}

class CliFly : public ::testing::Test {
 protected:
  void SetUp() override {
    write_sample_source(work_ / "source", {});
    ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", world_}).exit_code, 0);
  }
  std::vector<std::string> words(std::vector<std::string> more) const {
    more.insert(more.begin(), {"fly", world_, "--seconds", "20", "--speed", "900", "--json"});
    return more;
  }
  nlohmann::json fly(std::vector<std::string> more) const {
    const RunResult result = run_nearfield(words(std::move(more)));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.json();
  }

  WorkFolder work_;
  const std::string world_ = work_ / "w.nfa";
};

TEST_F(CliFly, every_device_delivers_the_same_bytes_in_time) {
  const nlohmann::json simulated = fly({"--device", "nvme"});
  EXPECT_EQ(simulated["late_arrivals"], 0);
  EXPECT_EQ(simulated["backend"], "simulated");
  EXPECT_GT(simulated["arrivals"], 10);
  EXPECT_GT(simulated["touched_containers"], 8);
  for (const char* backend : {"auto", "threads"}) {
    const nlohmann::json real = fly({"--backend", backend, "--as-fast"});
    EXPECT_EQ(real["late_arrivals"], 0) << backend;
    EXPECT_EQ(real["content_hash"], simulated["content_hash"]) << backend;
    EXPECT_EQ(real["touched_containers"], simulated["touched_containers"]) << backend;
  }
  for (const char* device : {"sata_ssd", "sd_card"}) {
    EXPECT_EQ(fly({"--device", device})["content_hash"], simulated["content_hash"]) << device;
  }
}

TEST_F(CliFly, reads_as_suits_the_disk_that_was_measured) {
  const std::string model =
      R"({"bytes_per_second":2e9,"latency_us_p50":80,"latency_us_p99":200,"parallel":16)";
  write_text(work_ / "m.json", model + R"(,"reads_in_flight_max":1048576})");
  write_text(work_ / "none.json", model + "}");
  const nlohmann::json untuned = fly({"--as-fast"});
  EXPECT_EQ(untuned["reads_in_flight_max"], 4u << 20);
  EXPECT_EQ(untuned["window_from"], "default");
  const nlohmann::json tuned = fly({"--as-fast", "--tune", work_ / "m.json"});
  EXPECT_EQ(tuned["reads_in_flight_max"], 1u << 20);
  EXPECT_EQ(tuned["read_size_max"], 512u << 10);
  EXPECT_EQ(tuned["window_from"], work_ / "m.json");
  EXPECT_EQ(tuned["content_hash"], untuned["content_hash"]);
  const RunResult text =
      run_nearfield({"fly", world_, "--seconds", "1", "--as-fast", "--tune", work_ / "m.json"});
  EXPECT_THAT(text.out,
              HasSubstr("1 MiB in flight, reads of up to 512 KiB (" + (work_ / "m.json")));

  const RunResult unknown = run_nearfield({"fly", world_, "--tune", work_ / "none.json"});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("reads_in_flight_max is missing"));
  EXPECT_EQ(run_nearfield({"fly", world_, "--tune", work_ / "absent.json"}).exit_code, 2);
}

TEST_F(CliFly, reads_a_simulated_disk_with_the_window_of_its_file) {
  const std::string model =
      R"({"bytes_per_second":2e9,"latency_us_p50":80,"latency_us_p99":200,"parallel":16)";
  const auto fly_with_window = [&](std::uint64_t window) {
    write_text(work_ / "d.json",
               model + ",\"reads_in_flight_max\":" + std::to_string(window) + "}");
    return fly({"--device", work_ / "d.json"});
  };
  const nlohmann::json small = fly_with_window(300'000);
  EXPECT_EQ(small["reads_in_flight_max"], 300'000);
  EXPECT_EQ(small["read_size_max"], 36u * 4096);
  EXPECT_EQ(small["window_from"], work_ / "d.json");
  EXPECT_EQ(fly_with_window(512u << 20)["reads_in_flight_max"], 32u << 20);
  // A measured window that is the default's size was measured all the same.
  EXPECT_EQ(fly_with_window(4u << 20)["window_from"], work_ / "d.json");
  EXPECT_EQ(fly({"--device", "nvme"})["window_from"], "default");
  for (const std::string& device : {std::string("nvme"), work_ / "d.json"}) {
    const RunResult refused =
        run_nearfield(words({"--device", device, "--tune", work_ / "d.json"}));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("--tune is for a real device"));
  }
}

TEST_F(CliFly, the_keys_that_scripts_rely_on_are_there) {
  const nlohmann::json report = fly({"--device", "nvme"});
  for (const char* key :
       {"late_arrivals", "lateness_ms_p50", "lateness_ms_p99", "lateness_ms_max", "arrivals",
        "bytes_read", "bytes_wasted", "peak_memory", "update_us_p50", "update_us_p99"}) {
    EXPECT_TRUE(report[key].is_number()) << key;
  }
  EXPECT_TRUE(report["backend"].is_string());
  EXPECT_EQ(report["content_hash"].get<std::string>().size(), 32u);
  EXPECT_LE(report["peak_memory"], report["memory_budget"]);
}

TEST_F(CliFly, other_bytes_have_another_hash) {
  const nlohmann::json before = fly({"--device", "nvme"});
  write_text(work_ / "source/zone_0_0/note.txt", "this is not zone_0_0\n");
  ASSERT_EQ(run_nearfield({"pack", work_ / "source", "-o", world_}).exit_code, 0);
  EXPECT_NE(fly({"--device", "nvme"})["content_hash"], before["content_hash"]);
}

TEST_F(CliFly, a_simulated_flight_repeats_to_the_last_number) {
  const auto without_measurements = [](nlohmann::json report) {
    for (const char* key : {"update_us_p50", "update_us_p99", "update_us_max"}) report.erase(key);
    return report;
  };
  const nlohmann::json first = fly({"--device", "hdd", "--route", "orbit"});
  EXPECT_EQ(without_measurements(first),
            without_measurements(fly({"--device", "hdd", "--route", "orbit"})));
  EXPECT_NE(first["metres"], 0);
}

TEST_F(CliFly, without_io_uring_the_same_bytes_come_through_threads) {
  if (!can_deny_uring()) GTEST_SKIP() << "bin/deny_uring is not built";
  const nlohmann::json simulated = fly({"--device", "nvme"});
  struct Case {
    int error_number;
    bool only_enter;
  };
  for (const Case& denied : {Case{EPERM, false}, Case{ENOSYS, false}, Case{EPERM, true}}) {
    const RunResult result =
        run_without_uring(denied.error_number, denied.only_enter, words({"--as-fast"}));
    if (result.exit_code == 125)
      GTEST_SKIP() << "this kernel takes no seccomp filter: " << result.err;
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const nlohmann::json report = result.json();
    EXPECT_EQ(report["backend"], "threads");
    EXPECT_NE(report["backend_reason"], "");
    EXPECT_EQ(report["content_hash"], simulated["content_hash"]);
    EXPECT_EQ(report["late_arrivals"], 0);
  }
}

TEST_F(CliFly, a_disk_that_is_too_slow_is_found_out) {
  write_sample_source(work_ / "heavy",
                      {.zones_per_side = 5, .zone_bytes = 2'500'000, .load_distance = 600});
  ASSERT_EQ(run_nearfield({"pack", work_ / "heavy", "-o", world_, "--codec", "store"}).exit_code,
            0);
  const std::vector<std::string> slow = {"fly",    world_,     "--seconds", "20",
                                         "--json", "--device", "broadband", "--speed",
                                         "9000",   "--memory", "16MiB"};
  const RunResult result = run_nearfield(slow);
  EXPECT_EQ(result.exit_code, 0) << "without --max-late a late arrival is a number, not a failure";
  const nlohmann::json report = result.json();
  EXPECT_GT(report["late_arrivals"], 0);
  EXPECT_GT(report["lateness_ms_max"], 0);
  ASSERT_FALSE(report["late"].empty());
  EXPECT_EQ(report["late"].size(), report["late_arrivals"]);
  expect_counted_causes(report);
  EXPECT_THAT(report["late"][0]["container"].get<std::string>(), HasSubstr("zone_"));

  std::vector<std::string> judged = slow;
  judged.insert(judged.end(), {"--max-late", "0"});
  const RunResult no = run_nearfield(judged);
  EXPECT_EQ(no.exit_code, 1);
  EXPECT_THAT(no.err, HasSubstr("--max-late"));
}

TEST_F(CliFly, what_never_fits_is_late_although_it_never_arrives) {
  write_sample_source(work_ / "heavy", {.zones_per_side = 3, .zone_bytes = 12'000'000});
  ASSERT_EQ(run_nearfield({"pack", work_ / "heavy", "-o", world_, "--codec", "store"}).exit_code,
            0);
  const RunResult result = run_nearfield(words({"--device", "nvme", "--memory", "8MiB"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("does not fit into --memory 8 MiB"));
  const nlohmann::json report = result.json();
  EXPECT_GT(report["missed"], 0);
  EXPECT_GE(report["late_arrivals"], report["missed"]);
  EXPECT_LE(report["peak_memory"], 8u << 20);
}

TEST_F(CliFly, a_trace_is_flown_where_it_was_recorded) {
  write_text(work_ / "t.csv", "t_seconds,x,y,z\n5,0,0,0\n25,100,0,0\n");
  const nlohmann::json moved =
      run_nearfield({"fly", world_, "--trace", work_ / "t.csv", "--origin", "-10,3000,0", "--scale",
                     "150", "--device", "nvme", "--json"})
          .json();
  EXPECT_DOUBLE_EQ(moved["seconds"].get<double>(), 20);
  EXPECT_NEAR(moved["metres"].get<double>(), 15'000, 1);
  EXPECT_GT(moved["arrivals"], 0);
  const nlohmann::json slow = run_nearfield({"fly", world_, "--trace", work_ / "t.csv", "--speed",
                                             "10", "--seconds", "4", "--device", "nvme", "--json"})
                                  .json();
  EXPECT_DOUBLE_EQ(slow["seconds"].get<double>(), 4);
}

TEST_F(CliFly, a_trace_says_in_its_heading_where_the_time_is) {
  write_text(work_ / "usual.csv", "t_seconds,x,y,z\n0,0,0,0\n20,9000,0,0\n");
  write_text(work_ / "other.csv", "# recorded\n\nx,y,z,t_seconds\n0,0,0,0\n9000,0,0,20\n");
  const auto fly_trace = [&](const std::string& path) {
    return run_nearfield({"fly", world_, "--trace", path, "--device", "nvme", "--json"});
  };
  EXPECT_EQ(fly_trace(work_ / "other.csv").json()["content_hash"],
            fly_trace(work_ / "usual.csv").json()["content_hash"]);
  write_text(work_ / "wrong.csv", "x,y,z,when\n0,0,0,0\n9000,0,0,20\n");
  const RunResult wrong = fly_trace(work_ / "wrong.csv");
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("another order"));
  const RunResult folder = fly_trace(work_.path());
  EXPECT_EQ(folder.exit_code, 2);
  EXPECT_THAT(folder.err, HasSubstr("is a folder"));
}

TEST_F(CliFly, real_time_takes_its_time) {
  const RunResult result =
      run_nearfield({"fly", world_, "--seconds", "0.5", "--fps", "100", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.json()["pace"], "real_time");
  // At most a frame each hundredth, the last one included; fewer where the machine was busy.
  EXPECT_LE(result.json()["frames"], 52);
  EXPECT_GE(result.json()["frames"], 2);
}

TEST_F(CliFly, the_report_needs_nothing_but_itself) {
  const RunResult result = run_nearfield(words({"--device", "hdd", "--report", work_ / "r.html"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string page = read_text(work_ / "r.html");
  EXPECT_THAT(page, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, HasSubstr(result.json()["verdict"].get<std::string>()));
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  for (const char* outside :
       {"http:", "https:", "src=", "href=", "@import", "url(", "<script", "nan", "inf "}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

TEST_F(CliFly, a_report_never_takes_the_place_of_its_archive_or_trace) {
  write_text(work_ / "t.csv", "0,0,0,0\n5,9000,0,0\n");
  std::filesystem::create_symlink(world_, work_ / "link.html");
  std::filesystem::create_hard_link(world_, work_ / "other.html");
  const std::string before = read_text(world_);
  for (const std::string& path :
       {world_, work_ / "./w.nfa", work_ / "link.html", work_ / "other.html", work_ / "t.csv"}) {
    const RunResult result = run_nearfield(
        {"fly", world_, "--trace", work_ / "t.csv", "--device", "nvme", "--report", path});
    EXPECT_EQ(result.exit_code, 2) << path;
    EXPECT_THAT(result.err, HasSubstr(path));
  }
  EXPECT_TRUE(read_text(world_) == before);
  EXPECT_THAT(read_text(work_ / "t.csv"), HasSubstr("9000"));
}

TEST_F(CliFly, a_report_is_not_written_through_a_link_laid_for_its_temporary_file) {
  write_text(work_ / "precious.txt", "mine\n");
  std::filesystem::create_symlink(work_ / "precious.txt", work_ / "r.html.part");
  fly({"--device", "nvme", "--report", work_ / "r.html"});
  EXPECT_EQ(read_text(work_ / "precious.txt"), "mine\n");
  EXPECT_THAT(read_text(work_ / "r.html"), HasSubstr("</html>"));
}

TEST_F(CliFly, a_report_without_a_folder_is_refused_before_the_flight) {
  write_text(work_ / "file", "no folder\n");
  for (const std::string& report : {work_ / "file/r.html", work_ / "none/r.html"}) {
    for (const char* verb : {"fly", "certify"}) {
      const RunResult result =
          run_nearfield({verb, world_, "--device", "nvme", "--speed", "10", "--report", report});
      EXPECT_EQ(result.exit_code, 2) << verb;
      EXPECT_EQ(result.out, "") << verb;
      EXPECT_THAT(result.err, HasSubstr("--report " + report));
      EXPECT_THAT(result.err, HasSubstr("there is no folder"));
    }
  }
}

TEST_F(CliFly, a_damaged_container_fails_alone_and_is_named) {
  const nlohmann::json list = run_nearfield({"list", world_, "--json"}).json()["containers"];
  const nlohmann::json whole = fly({"--device", "nvme"});
  flip_byte(world_, 4096 + 50);  // in the first run, a shared texture
  const RunResult result = run_nearfield(words({"--device", "nvme"}));
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("shared/t"));
  const nlohmann::json report = result.json();
  EXPECT_GT(report["failures"], 0);
  EXPECT_GT(report["late_arrivals"], 0);
  EXPECT_EQ(report["late_by_cause"]["failed"], report["late_arrivals"]);
  expect_counted_causes(report);
  EXPECT_NE(report["content_hash"], whole["content_hash"]);
  EXPECT_GT(report["arrivals"], 0) << "the others must still come";
}

TEST_F(CliFly, a_world_without_places_cannot_be_flown) {
  write_plain_source(work_ / "plain");
  ASSERT_EQ(run_nearfield({"pack", work_ / "plain", "-o", world_}).exit_code, 0);
  const RunResult result = run_nearfield({"fly", world_, "--device", "nvme"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no container has a place"));
}

TEST_F(CliFly, an_interrupted_flight_tells_how_far_it_came) {
  if (!std::filesystem::exists("/proc/self/status")) {
    GTEST_SKIP() << "no /proc here, which says when the program is ready for the signal";
  }
  RunningProgram flight(bin_path("nearfield"), {"fly", world_, "--seconds", "600", "--json",
                                                "--report", work_ / "r.html"});
  ASSERT_TRUE(flight.signal_when_caught(SIGINT));
  const RunResult result = flight.wait();
  EXPECT_EQ(result.exit_code, 130);
  const nlohmann::json report = result.json();
  EXPECT_EQ(report["interrupted"], true);
  EXPECT_LT(report["seconds"], 600);
  EXPECT_EQ(report["seconds_planned"], 600);
  EXPECT_LE(report["metres"].get<double>(), 251 * report["seconds"].get<double>());
  EXPECT_THAT(report["verdict"].get<std::string>(), ::testing::StartsWith("Interrupted after"));
  const std::string page = read_text(work_ / "r.html");
  EXPECT_THAT(page, HasSubstr("Interrupted after"));
  EXPECT_THAT(page, Not(HasSubstr("verdict good")));
  EXPECT_THAT(page, Not(HasSubstr("in each 0.0 s")));
}

TEST_F(CliFly, a_budget_that_is_too_small_is_named_as_the_cause) {
  write_sample_source(work_ / "heavy",
                      {.zones_per_side = 4, .zone_bytes = 2'500'000, .load_distance = 9000});
  ASSERT_EQ(run_nearfield({"pack", work_ / "heavy", "-o", world_, "--codec", "store"}).exit_code,
            0);
  const nlohmann::json tight = fly({"--device", "nvme", "--memory", "12MiB"});
  EXPECT_GT(tight["start_unfilled"], 0);
  EXPECT_EQ(tight["start_no_memory"], tight["start_unfilled"]);
  EXPECT_GT(tight["late_no_memory"], 0);
  EXPECT_GT(tight["late_by_cause"]["memory"], 0);
  EXPECT_EQ(tight["late"][0]["cause"], "memory");
  expect_counted_causes(tight);
  EXPECT_TRUE(tight["late"][0]["no_memory"]);
  EXPECT_LE(tight["lateness_ms_max"], 20e3) << "lateness ends with the flight";
  EXPECT_GT(tight["lateness_ms_max"], 19e3);
  EXPECT_THAT(tight["verdict"].get<std::string>(), HasSubstr("for want of memory"));
  EXPECT_THAT(run_nearfield({"fly", world_, "--device", "nvme", "--memory", "12MiB"}).out,
              HasSubstr("needed there had not come"));
  const nlohmann::json ample = fly({"--device", "nvme"});
  EXPECT_EQ(ample["start_unfilled"], 0);
  EXPECT_EQ(ample["late_no_memory"], 0);
}

TEST_F(CliFly, a_slow_disk_is_not_taken_for_a_want_of_memory) {
  write_text(work_ / "slow.json",
             "{\"bytes_per_second\": 22000, \"latency_us_p50\": 100, \"latency_us_p99\": 200, "
             "\"parallel\": 1}");
  const nlohmann::json slow = fly({"--device", work_ / "slow.json"});
  EXPECT_GT(slow["late_arrivals"], 0);
  EXPECT_EQ(slow["late_no_memory"], 0);
  EXPECT_GT(slow["late_by_cause"]["disk"], 0);
  EXPECT_EQ(slow["late_by_cause"]["memory"], 0);
  expect_counted_causes(slow);
}

TEST_F(CliFly, what_was_late_is_told_with_its_cause_and_what_helps) {
  const std::vector<std::string> slow = {
      "fly", world_,     "--seconds",      "20",       "--speed",
      "900", "--report", work_ / "r.html", "--device", work_ / "slow.json"};
  write_text(
      work_ / "slow.json",
      R"({"bytes_per_second":22000,"latency_us_p50":100,"latency_us_p99":200,"parallel":1})");
  const RunResult result = run_nearfield(slow);
  EXPECT_THAT(result.out, HasSubstr("  causes    "));
  EXPECT_THAT(result.out, HasSubstr(" late: the disk was too slow, or busy with the rest (a "));
  EXPECT_THAT(result.out, ::testing::ContainsRegex("  late at .*zone_.* \\(the disk\\)\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("no memory was free")));
  const std::string page = read_text(work_ / "r.html");
  EXPECT_THAT(page, HasSubstr("Why they were late"));
  EXPECT_THAT(page, HasSubstr("<td>the disk</tr>"));
  EXPECT_THAT(page, HasSubstr(": the disk</title>"));

  const RunResult good = run_nearfield(
      {"fly", world_, "--device", "nvme", "--seconds", "5", "--report", work_ / "r.html"});
  EXPECT_THAT(good.out, Not(HasSubstr("causes")));
  EXPECT_THAT(read_text(work_ / "r.html"), Not(HasSubstr("Why they were late")));
}

TEST_F(CliFly, a_flight_that_met_nothing_is_no_success) {
  write_text(work_ / "t.csv", "0,0,0,0\n5,900,0,0\n");
  const RunResult result =
      run_nearfield({"fly", world_, "--trace", work_ / "t.csv", "--origin", "1e9,0,0", "--device",
                     "nvme", "--json", "--report", work_ / "r.html"});
  EXPECT_THAT(result.err, HasSubstr("--origin"));
  const nlohmann::json report = result.json();
  EXPECT_EQ(report["touched_containers"], 0);
  EXPECT_EQ(report["warnings"].size(), 1u);
  EXPECT_THAT(report["verdict"].get<std::string>(), HasSubstr("met nothing"));
  EXPECT_THAT(read_text(work_ / "r.html"), HasSubstr("class='verdict empty'"));
}

TEST_F(CliFly, a_flight_says_how_many_it_met) {
  const RunResult few = run_nearfield(
      {"fly", world_, "--device", "nvme", "--speed", "1", "--seconds", "1", "--json"});
  const nlohmann::json report = few.json();
  EXPECT_EQ(report.value("placed_containers", 0), 81);
  EXPECT_THAT(report["warnings"].dump(), HasSubstr(" of 81 containers, so it says little"));
  EXPECT_EQ(fly({"--device", "nvme"})["warnings"].dump(), "[]");
  const RunResult text = run_nearfield({"fly", world_, "--device", "nvme", "--seconds", "1"});
  EXPECT_THAT(text.out, HasSubstr(" of 81 containers with a place"));
}

// As a gate of a pipeline it would always be open.
TEST_F(CliFly, a_flight_that_met_nothing_does_not_pass_the_gate) {
  write_text(work_ / "t.csv", "0,0,0,0\n5,900,0,0\n");
  for (const bool json : {false, true}) {
    std::vector<std::string> words = {"fly",     world_,     "--trace", work_ / "t.csv", "--origin",
                                      "1e9,0,0", "--device", "nvme",    "--max-late",    "1000"};
    if (json) words.push_back("--json");
    const RunResult result = run_nearfield(words);
    EXPECT_EQ(result.exit_code, 1) << json;
    EXPECT_THAT(result.err, HasSubstr("The flight met nothing"));
  }
}

TEST_F(CliFly, a_flight_in_which_nothing_arrived_does_not_either) {
  const RunResult result = run_nearfield({"fly", world_, "--device", "nvme", "--speed-max", "1e-3",
                                          "--seconds", "1", "--max-late", "0"});
  EXPECT_EQ(result.exit_code, 1) << "and no faster than was stated";
  EXPECT_THAT(result.err, HasSubstr("nothing arrived in this flight"));
}

// What `certify` proves is of an observer that states it: it reads all that it could turn to.
TEST_F(CliFly, states_the_highest_speed_as_an_engine_does) {
  const nlohmann::json plain = fly({"--device", "nvme"});
  EXPECT_TRUE(plain.value("speed_max", nlohmann::json(0)).is_null());
  const nlohmann::json stated = fly({"--device", "nvme", "--speed-max", "900"});
  EXPECT_EQ(stated.value("speed_max", 0.0), 900);
  EXPECT_EQ(stated["touched_containers"], plain["touched_containers"]);
  EXPECT_GT(stated["bytes_read"], plain["bytes_read"]);
  const RunResult untrue = run_nearfield(words({"--device", "nvme", "--speed-max", "899"}));
  EXPECT_EQ(untrue.exit_code, 2);
  EXPECT_THAT(untrue.err, HasSubstr("faster than --speed-max 899 states"));
  EXPECT_EQ(run_nearfield(words({"--device", "nvme", "--speed-max", "0"})).exit_code, 2);
}

TEST_F(CliFly, what_is_not_as_asked_for_is_said) {
  const auto warnings = [&](std::vector<std::string> more) {
    return fly(std::move(more))["warnings"].dump();
  };
  EXPECT_EQ(warnings({"--device", "nvme"}), "[]");
  const std::string idle = warnings(
      {"--device", "nvme", "--backend", "threads", "--workers", "2", "--as-fast", "--seed", "2"});
  for (const char* named : {"--backend", "--workers", "--as-fast"}) {
    EXPECT_THAT(idle, HasSubstr(named));
  }
  EXPECT_THAT(idle, Not(HasSubstr("--seed")));
  EXPECT_THAT(warnings({"--as-fast", "--seed", "2"}), HasSubstr("--seed"));
  const RunResult fast = run_nearfield({"fly", world_, "--device", "nvme", "--speed", "1e9"});
  EXPECT_THAT(fast.err, HasSubstr("corners are cut"));
  write_text(work_ / "t.csv", "0,0,0,0\n5,900,0,0\n");
  const RunResult trace = run_nearfield(
      {"fly", world_, "--trace", work_ / "t.csv", "--seconds", "60", "--device", "nvme", "--json"});
  EXPECT_THAT(trace.json()["warnings"].dump(), HasSubstr("ends after 5.0 s"));
}

TEST_F(CliFly, says_whether_update_decodes) {
  EXPECT_EQ(fly({"--device", "nvme"})["update_includes_decoding"], true);
  EXPECT_EQ(fly({"--as-fast", "--workers", "0"})["update_includes_decoding"], true);
  EXPECT_EQ(fly({"--as-fast"})["update_includes_decoding"], false);
  EXPECT_THAT(run_nearfield({"fly", world_, "--device", "nvme"}).out,
              HasSubstr("decoding included"));
}

TEST_F(CliFly, the_map_shows_what_is_small_as_dots_over_the_rest) {
  // A flight of 3,000 km, on whose map a zone is a small part of a pixel.
  write_text(work_ / "t.csv", "0,0,0,0\n20,3000,0,0\n600,3e6,0,0\n");
  ASSERT_EQ(run_nearfield({"fly", world_, "--trace", work_ / "t.csv", "--device", "nvme",
                           "--report", work_ / "r.html", "-q"})
                .exit_code,
            0);
  const std::string page = read_text(work_ / "r.html");
  EXPECT_THAT(page, HasSubstr("class='mark good'"));
  EXPECT_GT(page.find("class='mark"), page.rfind("class='place"));
  EXPECT_THAT(page, HasSubstr("as large as its bounds"));
}

}  // namespace
}  // namespace nf::end_to_end
