#include "formats/trace/trace.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "core/base/prng.h"

namespace nf {
namespace {

Error refusal(std::string_view text) {
  const Result<std::vector<TracePoint>> trace = parse_trace(text);
  return trace ? Error{} : trace.error();
}

void expect_refused(std::string_view text, ErrorCode code, std::uint32_t line) {
  const Error error = refusal(text);
  EXPECT_EQ(error.code, code) << text << " : " << error_text(error.code);
  EXPECT_EQ(error.subject_kind, line == 0 ? Subject::none : Subject::line) << text;
  EXPECT_EQ(error.subject, line) << text;
}

std::string temporary(const std::string& name) {
  return testing::TempDir() + "nf_trace_" + name;
}

TEST(Trace, reads_points_with_and_without_a_heading) {
  for (const std::string_view heading : {"", "t_seconds,x,y,z\n", "time, east, north, up\r\n"}) {
    const Result<std::vector<TracePoint>> trace =
        parse_trace(std::string(heading) + "0,1,2,3\n0.5,-1e3,0.25,4.5e2\n");
    ASSERT_TRUE(trace) << heading;
    ASSERT_EQ(trace->size(), 2u);
    EXPECT_EQ((*trace)[1].seconds, 0.5);
    EXPECT_EQ((*trace)[1].position.x, -1000);
    EXPECT_EQ((*trace)[1].position.y, 0.25);
    EXPECT_EQ((*trace)[1].position.z, 450);
  }
}

TEST(Trace, reads_both_line_ends_and_a_last_line_without_one) {
  const Result<std::vector<TracePoint>> trace = parse_trace("0,0,0,0\r\n1, 1 ,\t1,1\n2,2,2,2");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->size(), 3u);
}

TEST(Trace, blank_lines_comments_and_spaces_mean_nothing) {
  for (const std::string_view end : {"\n", "\n\n", "\r\n\r\n", "\n \t\n\n", "\n  ", "\n# end"}) {
    const Result<std::vector<TracePoint>> trace =
        parse_trace("0,0,0,0\n1,1,1,1" + std::string(end));
    ASSERT_TRUE(trace) << end;
    EXPECT_EQ(trace->size(), 2u);
  }
  const Result<std::vector<TracePoint>> trace = parse_trace(
      "\xEF\xBB\xBF# from the north\n\n \t\r\nt,x,y,z\n  # two\n 0 , 1,\t2 ,3 \n\n1,1,1,1\n");
  ASSERT_TRUE(trace);
  ASSERT_EQ(trace->size(), 2u);
  EXPECT_EQ(trace->front().position.z, 3);
  expect_refused("\n\n", ErrorCode::source_malformed, 0);
  expect_refused("# nothing\n", ErrorCode::source_malformed, 0);
}

TEST(Trace, a_heading_of_the_four_names_gives_their_order) {
  for (const std::string_view heading :
       {"x,y,z,t_seconds\n", "X, Y, Z, Time\n", "\"x\",\"y\",\"z\",\"seconds\"\r\n"}) {
    const Result<std::vector<TracePoint>> trace =
        parse_trace(std::string(heading) + "10,20,30,0\n11,21,31,0.5\n");
    ASSERT_TRUE(trace) << heading;
    EXPECT_EQ((*trace)[1].seconds, 0.5);
    EXPECT_EQ((*trace)[1].position.x, 11);
    EXPECT_EQ((*trace)[1].position.z, 31);
  }
  const Result<std::vector<TracePoint>> trace = parse_trace("t,x,z,y\n0,1,2,3\n");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->front().position.y, 3);
}

TEST(Trace, refuses_a_heading_that_contradicts_the_order_or_the_unit) {
  for (const std::string_view heading : {"x,y,z,when\n", "frame,x,y,z\n", "east,north,up,t\n",
                                         "t_ms,x,y,z\n", "t,x,x,z\n", "t,y,x,height\n"}) {
    expect_refused(std::string(heading) + "0,1,2,3\n", ErrorCode::source_malformed, 1);
  }
}

TEST(Trace, says_where_and_why_it_refuses) {
  const auto sentence = [](std::string_view text) {
    std::string detail;
    EXPECT_FALSE(parse_trace(text, detail)) << text;
    return detail;
  };
  EXPECT_EQ(sentence("t,x,y,z\n\n0,1,2,3\n1,2,zebra,4\n"),
            "line 4: column 3 (y): 'zebra' is not a number");
  EXPECT_EQ(sentence("x,y,z,t\n1,2,3,later\n"),
            "line 2: column 4 (t_seconds): 'later' is not a number");
  EXPECT_EQ(sentence("0,1,2,3\n0,1,2,3\n"),
            "line 2: column 1 (t_seconds): times must ascend, but 0 follows 0");
  EXPECT_EQ(sentence("0,1,,3\n"), "line 1: column 3 (y): is empty, where a number is needed");
  EXPECT_EQ(sentence("0;1;2;3\n"),
            "line 1: 4 columns are needed: t_seconds,x,y,z with commas between, not '0;1;2;3'");
  EXPECT_EQ(sentence("0,1,2,2e18\n"),
            "line 1: column 4 (z): '2e18' is more than 1e18 metres from 0");
  EXPECT_EQ(sentence("# x\n"), "holds no point");
}

TEST(Trace, refuses_what_is_not_a_point) {
  expect_refused("", ErrorCode::source_malformed, 0);
  expect_refused("t,x,y,z\n", ErrorCode::source_malformed, 0);
  expect_refused("0,0,0\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,0,0\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,0x\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,0 0\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,0\nt,x,y,z\n", ErrorCode::source_malformed, 2);
  expect_refused("a,b,c,d\na,b,c,d\n", ErrorCode::source_malformed, 2);
  expect_refused(std::string_view("0,0,0,0\0\n", 9), ErrorCode::source_malformed, 1);
  expect_refused("0,+1,0,0\n", ErrorCode::source_malformed, 1);
  expect_refused("0;0;0;0\n", ErrorCode::source_malformed, 1);
}

TEST(Trace, refuses_numbers_that_are_none) {
  expect_refused("nan,0,0,0\n", ErrorCode::source_malformed, 1);
  expect_refused("0,inf,0,0\n", ErrorCode::source_malformed, 1);
  expect_refused("0,0,0,0\n1,0,-inf,0\n", ErrorCode::source_malformed, 2);
  expect_refused("0,0,0,0\n1,0,0,NaN\n", ErrorCode::source_malformed, 2);
  expect_refused("0,0,0,0\n1,0,0,1e999\n", ErrorCode::source_malformed, 2);
}

TEST(Trace, refuses_times_and_places_past_every_world) {
  expect_refused("0,0,0,0\n1,0,0,2e18\n", ErrorCode::field_out_of_range, 2);
  expect_refused("1e10,0,0,0\n", ErrorCode::field_out_of_range, 1);
}

TEST(Trace, refuses_times_that_do_not_ascend) {
  expect_refused("g,h,i,j\n0,0,0,0\n0,1,1,1\n", ErrorCode::order_wrong, 3);
  expect_refused("0,0,0,0\n-1,1,1,1\n", ErrorCode::order_wrong, 2);
}

TEST(Trace, refuses_endless_lines) {
  expect_refused("0,0,0," + std::string(100'000, '1') + "\n", ErrorCode::limit_exceeded, 1);
  expect_refused("0,0,0,0\n" + std::string(100'000, ','), ErrorCode::limit_exceeded, 2);
}

TEST(Trace, reads_a_file_as_it_parses_a_text) {
  const std::string path = temporary("good.csv");
  {
    std::ofstream file(path, std::ios::binary);
    file << "t,x,y,z\n";
    for (int i = 0; i < 100'000; ++i) file << i * 0.01 << ',' << i << ",0.125,-7\n";
  }
  std::string detail;
  const Result<std::vector<TracePoint>> trace = read_trace(path, detail);
  ASSERT_TRUE(trace) << error_text(trace.error().code) << " line " << trace.error().subject;
  EXPECT_EQ(trace->size(), 100'000u);
  EXPECT_EQ(trace->back().position.x, 99'999);
  std::remove(path.c_str());
}

TEST(Trace, names_the_reason_when_a_file_cannot_be_read) {
  std::string detail;
  const Result<std::vector<TracePoint>> missing = read_trace(temporary("missing.csv"), detail);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::file_open_failed);
  EXPECT_EQ(missing.error().os_error, ENOENT);
  const Result<std::vector<TracePoint>> folder = read_trace(testing::TempDir(), detail);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::file_open_failed);
  EXPECT_EQ(folder.error().os_error, EISDIR);
  EXPECT_EQ(detail, "is a folder; a trace is a file");
}

TEST(TraceSample, is_linear_between_points_and_stands_at_the_ends) {
  const std::vector<TracePoint> trace{{1, {0, 0, 0}}, {2, {10, 0, 0}}, {4, {10, 8, 0}}};
  std::size_t hint = 0;
  EXPECT_EQ(sample_trace(trace, 0, hint).velocity.x, 0);
  EXPECT_EQ(sample_trace(trace, 1.5, hint).position.x, 5);
  EXPECT_EQ(sample_trace(trace, 1.5, hint).velocity.x, 10);
  EXPECT_EQ(sample_trace(trace, 3, hint).position.y, 4);
  EXPECT_EQ(sample_trace(trace, 3, hint).velocity.y, 4);
  EXPECT_EQ(sample_trace(trace, 9, hint).position.y, 8);
  EXPECT_EQ(sample_trace(trace, 9, hint).velocity.y, 0);
  EXPECT_EQ(sample_trace(trace, std::nan(""), hint).position.x, 0);
  EXPECT_EQ(sample_trace({}, 1, hint).position.x, 0);
}

TEST(TraceSample, does_not_depend_on_the_hint) {
  Prng prng(1);
  std::vector<TracePoint> trace;
  double seconds = 0;
  for (int i = 0; i < 300; ++i) {
    trace.push_back({seconds, {prng.between(-9, 9), prng.between(-9, 9), 0}});
    seconds += prng.between(0.001, 1);
  }
  std::size_t kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double at = i < 10'000 ? i * 0.02 : prng.between(-5, seconds + 5);
    std::size_t fresh = 0, wild = prng.next();
    const TraceSample expected = sample_trace(trace, at, fresh);
    ASSERT_EQ(sample_trace(trace, at, kept).position.x, expected.position.x) << at;
    ASSERT_EQ(sample_trace(trace, at, wild).position.y, expected.position.y) << at;
  }
}

TEST(TraceFuzz, mutated_traces_are_refused_or_in_order) {
  Prng prng(5);
  const std::string good = "t,x,y,z\r\n0,1,2,3\n# a\n0.5,1e3,-2.5,3\n\n7,0,0,0\n";
  for (int trial = 0; trial < 100'000; ++trial) {
    std::string text = good;
    for (std::uint64_t edits = 1 + prng.below(4); edits > 0; --edits) {
      const std::size_t at = prng.below(text.size());
      const char with = prng.chance(0.5) ? "0123456789.,-+eE \r\nnainf"[prng.below(24)]
                                         : static_cast<char>(prng.next());
      if (prng.chance(0.3)) {
        text.erase(at, 1 + prng.below(5));
      } else if (prng.chance(0.5)) {
        text.insert(at, 1, with);
      } else {
        text[at] = with;
      }
      if (text.empty()) text = "0";
    }
    const Result<std::vector<TracePoint>> trace = parse_trace(text);
    if (!trace) continue;
    ASSERT_FALSE(trace->empty());
    for (std::size_t i = 0; i < trace->size(); ++i) {
      ASSERT_TRUE(std::isfinite((*trace)[i].position.x + (*trace)[i].seconds));
      ASSERT_TRUE(i == 0 || (*trace)[i - 1].seconds < (*trace)[i].seconds);
    }
  }
}

}  // namespace
}  // namespace nf
