// The small parts of the command line tool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/prng.h"
#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/flight.h"
#include "tools/nearfield/fly_map.h"
#include "tools/nearfield/nearest_set.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/percentile.h"
#include "tools/nearfield/progress.h"
#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"
#include "tools/nearfield/time_histogram.h"
#include "tools/nearfield/vector_math.h"

namespace nf {
namespace {

TEST(Sizes, are_read_in_every_unit) {
  const auto bytes = [](const char* text) { return parse_size(text).value_or(Bytes{~0ull}).value; };
  EXPECT_EQ(bytes("4096"), 4096u);
  EXPECT_EQ(bytes("512MiB"), 512ull << 20);
  EXPECT_EQ(bytes("1GiB"), 1ull << 30);
  EXPECT_EQ(bytes("2GB"), 2'000'000'000u);
  EXPECT_EQ(bytes("1.5 gib"), 3ull << 29);
  EXPECT_EQ(bytes("64k"), 65'536u);
  EXPECT_EQ(bytes("3kB"), 3000u);
  EXPECT_EQ(bytes("1t"), 1ull << 40);
  EXPECT_EQ(bytes("0"), 0u);
  EXPECT_EQ(bytes("18446744073709551614"), 18446744073709551614u);
}

TEST(Sizes, refuses_what_is_none) {
  for (const char* text : {"", "MiB", "-1", "-1GB", "1XB", "1MiBs", "1e400", "nan", "inf",
                           "99999999999TiB", "0x10", "1,5GB", "18446744073709551616", "12 34"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Sizes, are_written_with_three_digits) {
  EXPECT_EQ(human_size({0}), "0 B");
  EXPECT_EQ(human_size({999}), "999 B");
  EXPECT_EQ(human_size({1000}), "1.00 kB");
  EXPECT_EQ(human_size({1536}), "1.54 kB");
  EXPECT_EQ(human_size({99'999'999}), "100 MB");
  EXPECT_EQ(human_size({~0ull}), "18.4 EB");
}

TEST(Sizes, that_were_asked_for_are_written_as_they_were_meant) {
  EXPECT_EQ(given_size({0}), "0 B");
  EXPECT_EQ(given_size({4097}), "4097 B");
  EXPECT_EQ(given_size({512ull << 20}), "512 MiB");
  EXPECT_EQ(given_size({3ull << 29}), "1536 MiB");
  EXPECT_EQ(given_size({2'000'000'000}), "2 GB");
  EXPECT_EQ(given_size({1ull << 40}), "1 TiB");
  EXPECT_EQ(limit_size({512ull << 20}), "537 MB (512 MiB)");
  EXPECT_EQ(limit_size({2'000'000'000}), "2.00 GB");
}

TEST(Sizes, durations_and_numbers_are_easy_to_read) {
  EXPECT_EQ(human_time(0.84), "0.8 s");
  EXPECT_EQ(human_time(42), "42 s");
  EXPECT_EQ(human_time(187), "3:07");
  EXPECT_EQ(human_time(3765), "1:02:45");
  EXPECT_EQ(human_time(-1), "?");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(12'345'678), "12,345,678");
  EXPECT_EQ(counted(0, "container"), "0 containers");
  EXPECT_EQ(counted(1, "container"), "1 container");
  EXPECT_EQ(counted(2'000, "container"), "2,000 containers");
  EXPECT_EQ(counted(1, "dependency", "dependencies"), "1 dependency");
  EXPECT_EQ(counted(2, "dependency", "dependencies"), "2 dependencies");
}

TEST(Sizes, vectors_are_three_numbers) {
  const std::optional<WorldVector> v = parse_vector("-1.5,2e3,0");
  ASSERT_TRUE(v);
  EXPECT_EQ(v->x, -1.5);
  EXPECT_EQ(v->y, 2000);
  for (const char* text : {"", "1,2", "1,2,3,4", "1,2,", "a,b,c", "1,2,nan", "1 ,2,3"}) {
    EXPECT_FALSE(parse_vector(text)) << text;
  }
}

TEST(Percentile, is_the_nearest_rank) {
  EXPECT_EQ(percentile({}, 0.5), 0);
  EXPECT_EQ(percentile({7}, 0.99), 7);
  std::vector<double> values(100);
  for (int i = 0; i < 100; ++i) values[static_cast<std::size_t>((i * 37) % 100)] = i + 1;
  EXPECT_EQ(percentile(values, 0.5), 50);
  EXPECT_EQ(percentile(values, 0.99), 99);
  EXPECT_EQ(percentile(values, 1), 100);
  EXPECT_EQ(percentile(values, 0), 1);
}

TEST(TimeHistogram, is_close_to_the_nearest_rank) {
  Prng random(5);
  TimeHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0u);
  std::vector<double> values;
  for (int i = 0; i < 20'000; ++i) {
    const double ns = std::floor(std::exp(random.between(0, 24)));
    values.push_back(ns);
    histogram.add(static_cast<std::uint64_t>(ns));
  }
  EXPECT_EQ(histogram.count(), values.size());
  for (const double part : {0.0, 0.1, 0.5, 0.9, 0.99}) {
    const double exact = percentile(values, part);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(part)), exact, exact / 60) << part;
  }
  EXPECT_EQ(static_cast<double>(histogram.percentile(1)), percentile(values, 1));
  histogram.add(UINT64_MAX);
  EXPECT_EQ(histogram.percentile(1), UINT64_MAX);
}

TEST(Output, nothing_in_a_name_steers_the_terminal) {
  EXPECT_EQ(safe_for_terminal("Größe Ä 星 €\tx\n"), "Größe Ä 星 €\tx\n");
  EXPECT_EQ(safe_for_terminal("a\x1b[2Jb\x7f"), "a\\u001b[2Jb\\u007f");
  EXPECT_EQ(safe_for_terminal("\xC2\x9B"
                              "2J"),
            "\\u009b2J");
  EXPECT_EQ(safe_for_terminal("a\xE2\x80\xAE"
                              "b\xE2\x81\xA6"
                              "c"),
            "a\\u202eb\\u2066c");
  EXPECT_EQ(safe_for_terminal("cut \xE2\x80"), "cut \xE2\x80");
}

TEST(Output, a_sentence_names_its_path_once) {
  const Error error = {.code = ErrorCode::already_exists};
  EXPECT_EQ(sentence_of("folder", "gg", "gg: is not empty", error), "folder gg: is not empty");
  EXPECT_EQ(sentence_of("folder", "gg", "", error), "folder gg: " + cause_of(error));
}

TEST(Progress, the_bar_never_overflows) {
  EXPECT_EQ(progress_bar(0, 4), "[....]");
  EXPECT_EQ(progress_bar(0.5, 4), "[##..]");
  EXPECT_EQ(progress_bar(1, 4), "[####]");
  EXPECT_EQ(progress_bar(7, 4), "[####]");
  EXPECT_EQ(progress_bar(-1, 4), "[....]");
}

TEST(ExitCodes, follow_the_kind_of_error) {
  const auto code = [](ErrorCode error, std::uint8_t os_error = 0) {
    return exit_code_of({.code = error, .os_error = os_error});
  };
  EXPECT_EQ(code(ErrorCode::ok), ExitCode::done);
  EXPECT_EQ(code(ErrorCode::not_found), ExitCode::wrong_use);
  EXPECT_EQ(code(ErrorCode::file_open_failed, ENOENT), ExitCode::wrong_use);
  EXPECT_EQ(code(ErrorCode::file_open_failed, EACCES), ExitCode::machine_refused);
  EXPECT_EQ(code(ErrorCode::disk_full), ExitCode::machine_refused);
  EXPECT_EQ(code(ErrorCode::limit_exceeded), ExitCode::wrong_use);
  for (const int shortage : {EAGAIN, ENOMEM, EMFILE, ENFILE, EFBIG}) {
    EXPECT_EQ(code(ErrorCode::limit_exceeded, static_cast<std::uint8_t>(shortage)),
              ExitCode::machine_refused);
  }
  EXPECT_EQ(code(ErrorCode::file_too_short), ExitCode::bad_input);
  EXPECT_EQ(code(ErrorCode::chunk_checksum_mismatch), ExitCode::bad_input);
  EXPECT_EQ(code(ErrorCode::source_malformed), ExitCode::bad_input);
}

TEST(NearestSet, takes_out_what_brute_force_would) {
  Prng random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<WorldPosition> points(1 + random.below(300));
    // Many coincide, and their scales differ: what trees get wrong.
    for (WorldPosition& p : points) {
      const double scale = random.chance(0.3) ? 1e9 : 3;
      p = {std::floor(random.between(-2, 2)) * scale, std::floor(random.between(-2, 2)),
           random.unit()};
    }
    NearestSet set(points);
    std::vector<bool> taken(points.size(), false);
    WorldPosition at = points[0];
    while (set.left() > 0) {
      const std::uint32_t index = set.take_nearest(at);
      ASSERT_FALSE(taken[index]);
      taken[index] = true;
      for (std::size_t i = 0; i < points.size(); ++i) {
        if (!taken[i]) {
          ASSERT_LE(distance(at, points[index]), distance(at, points[i]));
        }
      }
      at = points[index];
    }
    EXPECT_TRUE(std::all_of(taken.begin(), taken.end(), [](bool t) { return t; }));
  }
}

TEST(Flight, a_trace_is_moved_scaled_and_cut) {
  const std::vector<TracePoint> trace = {{10, {0, 0, 0}}, {12, {2, 0, 0}}, {20, {2, 4, 0}}};
  const Flight mapped =
      map_trace(trace, {.origin = {100, 0, 0}, .scale = 10, .speed = {}, .seconds_max = {}});
  EXPECT_EQ(mapped.seconds(), 10);
  EXPECT_EQ(mapped.points.front().position.x, 100);
  EXPECT_EQ(mapped.points.back().position.x, 120);
  EXPECT_EQ(mapped.metres(), 60);
  const Flight timed = map_trace(trace, {.origin = {}, .scale = 10, .speed = 5, .seconds_max = 8});
  EXPECT_EQ(timed.points[1].seconds, 4);
  EXPECT_EQ(timed.seconds(), 8);
  EXPECT_EQ(timed.points.back().position.y, 20);
}

// Far from the origin a step of 0.7 m is rounded to half a millimetre.
TEST(Flight, is_as_fast_as_its_points_say_but_for_their_rounding) {
  const Flight flight{.name = "far",
                      .points = {{0, {4e12, 0, 0}}, {1.0 / 64, {4e12 + 0.6255, 0, 0}}}};
  EXPECT_LE(flight.speed_max(), 40);
  EXPECT_GE(flight.speed_max(), 39.9);
  const Flight near{.name = "near", .points = {{0, {0, 0, 0}}, {0.5, {20, 0, 0}}}};
  EXPECT_NEAR(near.speed_max(), 40, 1e-9);
}

TEST(Flight, a_trace_that_stands_still_survives_a_speed) {
  const Flight flight = map_trace({{0, {1, 1, 1}}, {5, {1, 1, 1}}},
                                  {.origin = {}, .scale = 1, .speed = 100, .seconds_max = {}});
  EXPECT_EQ(flight.points.size(), 1u);
  EXPECT_EQ(flight.seconds(), 0);
}

TEST(FlightMap, looks_at_the_widest_side_with_north_up) {
  Prng random(1);
  std::vector<WorldPosition> wall;  // in x and z
  for (int i = 0; i < 100; ++i)
    wall.push_back({random.between(0, 90), 1e6 + random.unit(), random.between(0, 50)});
  const MapPlane plane = best_plane(wall);
  EXPECT_NEAR(std::abs(plane.right.x), 1, 1e-3);
  EXPECT_NEAR(plane.up.z, 1, 1e-3);
  EXPECT_NEAR(dot(plane.right, plane.up), 0, 1e-9);

  const MapPlane line = best_plane({{0, 0, 0}, {10, 0, 0}});
  EXPECT_NEAR(length(line.right), 1, 1e-9);
  EXPECT_NEAR(length(line.up), 1, 1e-9);
}

TEST(SvgChart, text_from_outside_is_escaped) {
  EXPECT_EQ(escaped("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
}

TEST(SvgChart, axes_end_at_round_numbers) {
  EXPECT_EQ(round_up_nicely(0), 1);
  EXPECT_EQ(round_up_nicely(3), 5);
  EXPECT_EQ(round_up_nicely(50), 50);
  EXPECT_NEAR(round_up_nicely(0.011), 0.02, 1e-12);
  EXPECT_EQ(scale_end(26), 30);
  EXPECT_EQ(scale_end(0), 1);
}

}  // namespace
}  // namespace nf
