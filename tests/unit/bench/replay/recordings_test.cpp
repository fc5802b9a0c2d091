// Parsers of recordings: what is well formed is read, what is not is refused by file and line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/replay/jump_log.h"
#include "bench/replay/made_up.h"
#include "bench/replay/match.h"
#include "bench/suite/suite.h"

namespace nf::bench {
namespace {

using testing::HasSubstr;

const std::string kLogHeading = "t_seconds,event,system,body,station,mode,lat,lon,x_ly\n";
const std::string kMatchHeading = "t_seconds,id,x,y,z\n";

template <class Parse>
std::string refusal_of(const Parse& parse) {
  try {
    parse();
  } catch (const BadInput& error) {
    return error.what();
  }
  return "it was not refused";
}
std::string refused_log(const std::string& rows) {
  return refusal_of([&] { parse_jump_log("a.csv", rows); });
}
std::string refused_match(const std::string& rows) {
  return refusal_of([&] { parse_match("m.csv", kMatchHeading + rows); });
}

TEST(JumpLog, is_read_by_the_names_of_its_columns) {
  const std::vector<LogEvent> log =
      parse_jump_log("a.csv",
                     "event,t_seconds,mode,system,body,station,lon,lat\r\n"
                     "Touchdown,7.5,ship,Sol,Luna,,20.5,-10\r\n"
                     "\n"
                     "SomethingElse,8,foot,,,,,\n");
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[0].kind, LogEventKind::touchdown);
  EXPECT_EQ(log[0].seconds, 7.5);
  EXPECT_EQ(log[0].system, "Sol");
  EXPECT_EQ(log[0].body, "Luna");
  ASSERT_TRUE(log[0].spot);
  EXPECT_EQ(log[0].spot->latitude, -10);
  EXPECT_EQ(log[0].spot->longitude, 20.5);
  EXPECT_EQ(log[1].kind, LogEventKind::other);
  EXPECT_TRUE(log[1].on_foot);
}

TEST(JumpLog, that_is_broken_is_refused_by_file_and_line) {
  EXPECT_THAT(refused_log(""), HasSubstr("a.csv: it is empty"));
  EXPECT_THAT(refused_log("t_seconds,event\n"), HasSubstr("a.csv:1: there is no column 'system'"));
  EXPECT_THAT(refused_log(kLogHeading + "1,Docked,Sol\n"),
              HasSubstr("a.csv:2: there are 3 values under 9 headings"));
  EXPECT_THAT(refused_log(kLogHeading + "x,Docked,Sol,,,ship,,,\n"),
              HasSubstr("a.csv:2: t_seconds is no number: 'x'"));
  EXPECT_THAT(refused_log(kLogHeading + "nan,Docked,Sol,,,ship,,,\n"), HasSubstr("a.csv:2: "));
  EXPECT_THAT(refused_log(kLogHeading + "-1,Docked,Sol,,,ship,,,\n"), HasSubstr("a.csv:2: "));
  EXPECT_THAT(refused_log(kLogHeading + "1e300,Docked,Sol,,,ship,,,\n"), HasSubstr("a.csv:2: "));
  EXPECT_THAT(refused_log(kLogHeading + "1,,Sol,,,ship,,,\n"),
              HasSubstr("a.csv:2: the event has no name"));
  EXPECT_THAT(refused_log(kLogHeading + "1,Docked,Sol,,,ship,5,,\n"),
              HasSubstr("a.csv:2: of lat and lon there is only one"));
  EXPECT_THAT(refused_log(kLogHeading + "1,Docked,Sol,,,ship,95,5,\n"), HasSubstr("a.csv:2: lat"));
  EXPECT_THAT(refused_log(kLogHeading + "2,Docked,Sol,,,ship,,,\n1,Docked,Sol,,,ship,,,\n"),
              HasSubstr("a.csv:3: t_seconds is before that of the event above"));
  EXPECT_THAT(refused_log(kLogHeading + "1,Docked," + std::string(300, 'a') + ",,,ship,,,\n"),
              HasSubstr("a.csv:2: a value is longer than 256 bytes"));
  EXPECT_THAT(refused_log(kLogHeading + std::string(100, ',') + "\n"),
              HasSubstr("a.csv:2: there are more than 32 values"));
  EXPECT_THAT(refused_log(kLogHeading + "\033[2J,Docked,Sol,,,ship,,,\n"), HasSubstr("\\u001b"));
}

TEST(Match, is_read_as_tracks_that_end_where_somebody_vanishes) {
  const Match match = parse_match("m.csv", kMatchHeading +
                                               "0,7,0,0,0\n"
                                               "0,8,5,5,5\n"
                                               "1,7,10,0,0\n"
                                               "2,8,6,5,5\n"
                                               "30,7,20,0,0\n"     // was away
                                               "31,7,1e6,0,0\n");  // is elsewhere
  ASSERT_EQ(match.tracks.size(), 4u);
  EXPECT_EQ(match.tracks[0].points.size(), 2u);
  EXPECT_EQ(match.tracks[1].points.size(), 2u);
  EXPECT_EQ(match.tracks[2].begin(), 30);
  EXPECT_EQ(match.tracks[3].begin(), 31);
  EXPECT_FALSE(match.tracks[1].again);
  EXPECT_TRUE(match.tracks[2].again);
  EXPECT_TRUE(match.tracks[3].again);
  EXPECT_EQ(match.end, 31);
  EXPECT_EQ(match.high.x, 1e6);
  std::size_t hint = 0;
  const Motion motion = motion_of(match.tracks[0], 0.25, hint);
  EXPECT_DOUBLE_EQ(motion.position.x, 2.5);
  EXPECT_DOUBLE_EQ(motion.velocity.x, 10);
}

TEST(Match, counts_what_is_there_at_one_time) {
  EXPECT_EQ(most_at_once({}), 0u);
  EXPECT_EQ(most_at_once({{0, 1}, {1, 2}, {2, 3}}), 2u) << "both ends belong to it";
  EXPECT_EQ(most_at_once({{5, 6}, {0, 9}, {1, 2}, {5.5, 7}}), 3u);
}

TEST(Match, that_is_broken_is_refused_by_file_and_line) {
  EXPECT_THAT(refused_match(""), HasSubstr("m.csv:1: there is no row below the heading"));
  EXPECT_THAT(refused_match("1,a,0,0,0\n"), HasSubstr("m.csv:2: id is no whole number: 'a'"));
  EXPECT_THAT(refused_match("1,-1,0,0,0\n"), HasSubstr("m.csv:2: id is no whole number"));
  EXPECT_THAT(refused_match("1,1,inf,0,0\n"), HasSubstr("m.csv:2: x is no number"));
  EXPECT_THAT(refused_match("1,1,1e12,0,0\n"), HasSubstr("m.csv:2: the place is too far away"));
  EXPECT_THAT(refused_match("1,1,0,0,0\n1,1,0,0,0\n"),
              HasSubstr("m.csv:3: the object is in two places at once"));
  EXPECT_THAT(refused_match("1,1,0,0,0\n0,1,0,0,0\n"), HasSubstr("m.csv:3: t_seconds is before"));
}

TEST(MadeUpRecordings, pass_through_the_parsers_and_are_the_same_for_a_seed) {
  const std::string log = make_up_log(3, 6);
  EXPECT_EQ(log, make_up_log(3, 6));
  EXPECT_NE(log, make_up_log(4, 6));
  EXPECT_GT(parse_jump_log("made up", log).size(), 30u);
  const std::string match = make_up_match(3, {.objects = 10, .seconds = 6});
  EXPECT_EQ(match, make_up_match(3, {.objects = 10, .seconds = 6}));
  EXPECT_EQ(parse_match("made up", match).tracks.size(), 10u);
}

TEST(MadeUpRecordings, draw_lead_times_as_they_are_published) {
  EXPECT_DOUBLE_EQ(draw(kStartToJump, 0.05), 18);
  EXPECT_DOUBLE_EQ(draw(kApproachToLanded, 0.05), 61);
  EXPECT_DOUBLE_EQ(draw(kApproachToLanded, 0.5), 133);
  EXPECT_NEAR(draw(kApproachToLanded, 0.95), 456, 1e-6);
  EXPECT_NEAR(draw(kLandedToFoot, 0.999), 142, 1e-6);
}

}  // namespace
}  // namespace nf::bench
