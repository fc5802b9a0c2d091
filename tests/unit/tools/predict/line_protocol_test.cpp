#include "tools/predict/line_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nf::predict {
namespace {

using ::testing::HasSubstr;
using Next = LineServer::Next;

constexpr const char* kTrace = "TRACE map=m dt=0.1 B=1e6 L=0.1 M=1e9 vstar=10 flat=0 levels=1";

class Lines : public ::testing::Test {
 protected:
  Next take(const std::string& line) { return server_.take(line, said_); }
  void start() {
    ASSERT_EQ(take(kTrace), Next::go_on) << said_;
    ASSERT_EQ(take("LEVEL 0 R=20"), Next::go_on) << said_;
    ASSERT_EQ(take("C 77 0 100 -5 -5 110 5 5 1000"), Next::go_on) << said_;
  }
  LineServer server_{make_policy("margin", 2)};
  std::string said_;
};

TEST_F(Lines, drive_a_policy) {
  start();
  EXPECT_EQ(take("U 0 0 0 0"), Next::answer);
  EXPECT_EQ(said_, ".\n");
  EXPECT_EQ(take("U 0.1 70 0 0"), Next::answer);
  EXPECT_EQ(said_, "W 77 0.5\n.\n");
  EXPECT_EQ(take("S 77 3"), Next::go_on);
  EXPECT_EQ(take("U 0.2 70 0 0"), Next::answer);
  EXPECT_EQ(said_, "K 77 0.5\n.\n");
  EXPECT_EQ(take("QUIT"), Next::quit);
}

TEST_F(Lines, may_be_blank_and_end_in_carriage_returns) {
  EXPECT_EQ(take(""), Next::go_on);
  EXPECT_EQ(take(std::string(kTrace) + "\r"), Next::go_on);
  EXPECT_EQ(take("  LEVEL\t0  R=20 "), Next::go_on);
}

TEST_F(Lines, a_new_trace_forgets_what_was_there) {
  start();
  take("S 77 3");
  start();
  EXPECT_EQ(take("U 0 70 0 0"), Next::answer);
  EXPECT_EQ(said_, "W 77 0.5\n.\n");
}

TEST_F(Lines, a_container_may_be_announced_again_as_it_was) {
  start();
  EXPECT_EQ(take("C 77 0 100 -5 -5 110 5 5 1000"), Next::go_on);
  EXPECT_EQ(take("C 77 0 100 -5 -5 110 5 5 1001"), Next::refuse);
  EXPECT_THAT(said_, HasSubstr("announced otherwise"));
}

TEST_F(Lines, keys_of_others_mean_nothing) {
  EXPECT_EQ(take(std::string(kTrace) + " kind=shooter"), Next::go_on);
}

TEST_F(Lines, best_come_first) {
  start();
  take("C 5 0 95 -5 -5 99 5 5 1000");
  EXPECT_EQ(take("U 0 70 0 0"), Next::answer);
  EXPECT_EQ(said_, "W 5 0.6666667\nW 77 0.5\n.\n");
}

struct Bad {
  const char* line;
  const char* why;
};
class BadLine : public ::testing::TestWithParam<Bad> {};

TEST_P(BadLine, is_refused_with_its_number) {
  LineServer server(make_policy("cv", 2));
  std::string said;
  for (const char* line : {kTrace, "LEVEL 0 R=20", "C 77 0 100 -5 -5 110 5 5 1000"}) {
    ASSERT_EQ(server.take(line, said), Next::go_on) << said;
  }
  ASSERT_EQ(server.take(GetParam().line, said), Next::refuse) << GetParam().line;
  EXPECT_THAT(said, HasSubstr("line 4: "));
  EXPECT_THAT(said, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    LineProtocol, BadLine,
    ::testing::Values(
        Bad{"HELLO", "begins with"}, Bad{"W 77 1", "begins with"}, Bad{"u 0 0 0 0", "begins with"},
        Bad{"\x01\x02", "not with '"}, Bad{"QUIT now", "alone"}, Bad{"TRACE", "TRACE takes"},
        Bad{"TRACE map", "part of TRACE"},
        Bad{"TRACE map=m dt=0 B=1 L=0 M=1 vstar=1 flat=0 levels=1", "dt=0"},
        Bad{"TRACE map=m dt=nan B=1 L=0 M=1 vstar=1 flat=0 levels=1", "dt=nan"},
        Bad{"TRACE map=m dt=1 B=inf L=0 M=1 vstar=1 flat=0 levels=1", "B=inf"},
        Bad{"TRACE map=m dt=1 B=1 L=-1 M=1 vstar=1 flat=0 levels=1", "L=-1"},
        Bad{"TRACE map=m dt=1 B=1 L=0 M=1 vstar=1 flat=2 levels=1", "flat=2"},
        Bad{"TRACE map=m dt=1 B=1 L=0 M=1 vstar=1 flat=0 levels=65", "levels=65"},
        Bad{"TRACE map=m dt=1 dt=1 B=1 L=0 M=1 vstar=1 flat=0 levels=1", "dt=1"},
        Bad{"TRACE map=m dt=1 B=1 L=0 M=1 vstar=1 flat=0", "levels="},
        Bad{"LEVEL 1 R=5", "level of this trace"}, Bad{"LEVEL 0 5", "R="},
        Bad{"LEVEL 0 R=-5", "need radius"}, Bad{"LEVEL 0 R=21", "another radius"},
        Bad{"C 1 0 0 0 0 1 1 1", "C takes"}, Bad{"C -1 0 0 0 0 1 1 1 5", "id of a container"},
        Bad{"C 1.5 0 0 0 0 1 1 1 5", "id of a container"},
        Bad{"C 99999999999999999999 0 0 0 0 1 1 1 5", "id of a container"},
        Bad{"C 1 3 0 0 0 1 1 1 5", "level that was told"},
        Bad{"C 1 0 0 0 0 1 1 nan 5", "side of a box"},
        Bad{"C 1 0 0 0 0 1 1 1e300 5", "side of a box"}, Bad{"C 1 0 2 0 0 1 1 1 5", "ends before"},
        Bad{"C 1 0 0 0 0 1 1 1 -5", "size in bytes"},
        Bad{"C 1 0 0 0 0 1 1 1 five", "size in bytes"}, Bad{"S 78 1", "announced container"},
        Bad{"S 77 4", "state"}, Bad{"S 77", "S takes"}, Bad{"U 0 0 0", "U takes"},
        Bad{"U nan 0 0 0", "a time"}, Bad{"U 0 0 0 inf", "coordinate"},
        Bad{"U 0 0 0 1,5", "coordinate"}, Bad{"U 0 0 0 0 0", "U takes"}));

TEST_F(Lines, need_a_trace_first) {
  EXPECT_EQ(take("U 0 0 0 0"), Next::refuse);
  EXPECT_THAT(said_, HasSubstr("line 1: there was no TRACE"));
}

TEST_F(Lines, need_all_levels_before_an_update) {
  take(kTrace);
  EXPECT_EQ(take("U 0 0 0 0"), Next::refuse);
  EXPECT_THAT(said_, HasSubstr("not told"));
}

TEST_F(Lines, are_not_longer_or_more_than_agreed) {
  EXPECT_EQ(take(std::string(kProtocolLineMax + 1, 'U')), Next::refuse);
  std::string many;
  for (int i = 0; i < 40; ++i) many += "U ";
  EXPECT_EQ(LineServer(make_policy("cv", 2)).take(many, said_), Next::refuse);
  EXPECT_THAT(said_, HasSubstr("32 words"));
}

}  // namespace
}  // namespace nf::predict
