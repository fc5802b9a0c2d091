// Stellarium's files: orbits, bodies, angles and features, each by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "formats/import/stellarium_bodies.h"
#include "formats/import/stellarium_features.h"
#include "formats/import/stellarium_orbits.h"

namespace nf {
namespace {

using ::testing::HasSubstr;

double length(const WorldPosition& at) {
  return std::hypot(at.x, at.y, at.z);
}

// A body on a conic moves by v^2 = mu (2 / r - 1 / a), wherever it is.
void expect_energy(const OrbitElements& orbit, double day) {
  constexpr double kStep = 1e-3;
  const WorldPosition before = position_at(orbit, day - kStep);
  const WorldPosition after = position_at(orbit, day + kStep);
  const WorldPosition at = position_at(orbit, day);
  const double speed =
      length({after.x - before.x, after.y - before.y, after.z - before.z}) / (2 * kStep);
  const double n = 0.01720209895;  // Gauss's constant
  const double mu = n * n * std::pow(kAstronomicalUnit, 3);
  const double inverse_axis = (1 - orbit.eccentricity) / orbit.pericenter_distance;
  EXPECT_NEAR(speed * speed / (mu * (2 / length(at) - inverse_axis)), 1, 1e-4)
      << orbit.eccentricity << " " << day;
}

TEST(Orbits, keep_energy_on_ellipse_parabola_and_hyperbola) {
  for (const double e : {0.0, 0.3, 0.97, 0.99995, 1.0, 1.0001, 1.2, 3.08}) {
    OrbitElements orbit{.pericenter_distance = 0.9 * kAstronomicalUnit,
                        .eccentricity = e,
                        .inclination = 1,
                        .ascending_node = 2,
                        .argument_of_pericenter = 3};
    orbit.mean_motion = e == 1 ? parabolic_mean_motion(orbit.pericenter_distance)
                               : solar_mean_motion(orbit.pericenter_distance / (1 - e));
    for (const double days : {-4'000.0, -50.0, -1.0, 0.5, 30.0, 900.0})
      expect_energy(orbit, kJ2000 + days);
    EXPECT_NEAR(length(position_at(orbit, kJ2000)) / orbit.pericenter_distance, 1, 1e-12);
  }
}

TEST(Orbits, lie_in_the_plane_of_node_and_inclination) {
  OrbitElements orbit{.pericenter_distance = 1'000, .ascending_node = 60 * kDegree};
  const WorldPosition at_node = position_at(orbit, kJ2000);
  EXPECT_NEAR(at_node.x, 500, 1e-9);
  EXPECT_NEAR(at_node.y, 866.0254, 1e-4);
  orbit.inclination = 30 * kDegree;
  orbit.argument_of_pericenter = 90 * kDegree;
  const WorldPosition highest = position_at(orbit, kJ2000);
  EXPECT_NEAR(highest.z, 500, 1e-9);
  EXPECT_NEAR(highest.x, -750, 1e-9);
}

TEST(Orbits, put_the_earth_where_almanacs_have_it) {
  const OrbitElements* earth = planet_elements("Earth");
  ASSERT_NE(earth, nullptr);
  const WorldPosition at = position_at(*earth, kJ2000);
  EXPECT_NEAR(length(at) / kAstronomicalUnit, 0.98333, 5e-5);
  EXPECT_NEAR(std::atan2(at.y, at.x) / kDegree, 100.38, 0.02);
  EXPECT_EQ(planet_elements("Vulcan"), nullptr);
}

TEST(Orbits, give_a_moon_its_distance_by_its_month) {
  EXPECT_NEAR(moon_distance("Earth", 13.17635815 * kDegree), 384.4e6, 2e6);
  EXPECT_NEAR(moon_distance("Jupiter", 203.4889538 * kDegree), 421.7e6, 1e6);
  EXPECT_EQ(moon_distance("Vulcan", 1), 0);
  EXPECT_EQ(moon_distance("Earth", 0), 0);
}

TEST(Turns, compose_and_invert) {
  const Turn quarter = turn_about_z(90 * kDegree);
  const WorldPosition y = turned(quarter, {1, 0, 0});
  EXPECT_NEAR(y.y, 1, 1e-15);
  const WorldPosition z = turned(turn_about_x(90 * kDegree) * quarter, {1, 0, 0});
  EXPECT_NEAR(z.z, 1, 1e-15);
  const WorldPosition back = turned(inverse(quarter) * quarter, {0.5, 0.25, 2});
  EXPECT_NEAR(back.x, 0.5, 1e-15);
  // The earth's own pole leans by the obliquity against the ecliptic's.
  const WorldPosition pole = turned(equator_of_pole(0, 90 * kDegree), {0, 0, 1});
  EXPECT_NEAR(pole.z, std::cos(23.4392911 * kDegree), 1e-12);
  EXPECT_NEAR(pole.y, std::sin(23.4392911 * kDegree), 1e-12);
}

TEST(StellariumBodies, are_read_with_units_axes_and_files) {
  std::vector<StellariumBody> bodies;
  std::string problem;
  ASSERT_TRUE(
      parse_bodies("[sun]\nname=Sun\nparent=none\nradius=695700.\n"
                   "[moon]\nname=Io\nparent=Jupiter\nradius=1821\ncoord_func=io_special\n"
                   "rot_pole_ra=268\nrot_pole_de=64.5\nrot_pole_w0=200\nrot_pole_w1=203.5\n"
                   "tex_map=io.png # drawn\nmodel=io.obj\n"
                   "[comet]\nname=A/1\norbit_PericenterDistance=2\norbit_Eccentricity=1.5\n"
                   "orbit_TimeAtPericenter=2451545\n"
                   "[hidden]\nname=Eye\nhidden=true\norbit_Period=0\n"
                   "[x]\nname=X\nparent=Jupiter\norbit_Period=-2\norbit_SemiMajorAxis=1000\n",
                   bodies, problem))
      << problem;
  ASSERT_EQ(bodies.size(), 4u);
  EXPECT_EQ(bodies[0].orbit_kind, OrbitKind::none);
  EXPECT_EQ(bodies[0].radius, 695'700'000);
  EXPECT_EQ(bodies[1].orbit_kind, OrbitKind::program);
  EXPECT_TRUE(bodies[1].has_pole);
  EXPECT_EQ(bodies[1].texture, "io.png");
  EXPECT_EQ(bodies[1].parent, "Jupiter");
  EXPECT_EQ(bodies[2].radius, 1'000);
  EXPECT_EQ(bodies[2].orbit.pericenter_distance, 2 * kAstronomicalUnit);
  EXPECT_NEAR(length(position_at(bodies[2].orbit, kJ2000)), 2 * kAstronomicalUnit, 1);
  EXPECT_EQ(bodies[3].orbit.pericenter_distance, 1'000'000);
  EXPECT_EQ(bodies[3].orbit.mean_motion, -180 * kDegree);
}

TEST(StellariumBodies, are_one_where_a_section_is_opened_twice) {
  std::vector<StellariumBody> bodies;
  std::string problem;
  ASSERT_TRUE(
      parse_bodies("[a]\nname=A\nparent=none\nradius=1\n[b]\nname=B\nparent=none\n"
                   "[a]\nradius=2\n",
                   bodies, problem));
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_EQ(bodies[0].name, "A");
  EXPECT_EQ(bodies[0].radius, 2'000);
}

TEST(StellariumBodies, name_the_line_that_is_wrong) {
  struct Case {
    const char* ini;
    std::uint32_t line;
    const char* problem;
  };
  const std::string head = "[a]\nname=A\n";
  for (const Case& wrong : {
           Case{"[a]\nradius=1\n", 1, "no name"},
           Case{"[a]\nname=A\nparent=none\nradius=many\n", 4, "radius"},
           Case{"[a]\nname=A\nparent=none\nradius=-1\n", 4, "radius"},
           Case{"[a]\nname=A\nparent=none\nradius=nan\n", 4, "radius"},
           Case{"[a]\nname=A\nparent=none\nradius=0\n", 1, "radius"},
           Case{"[a]\nname=A\nparent=none\nradius=1e99\n", 4, "radius"},
           Case{"[a]\nname=A\n", 1, "no size"},
           Case{"[a]\nname=A\norbit_SemiMajorAxis=1\norbit_Eccentricity=1\n", 1, "no size"},
           Case{"[a]\nname=A\nparent=B\norbit_SemiMajorAxis=1\n", 1, "neither a period"},
           Case{"[a]\nname=A\norbit_PericenterDistance=1\norbit_Eccentricity=9\n"
                "orbit_MeanMotion=100000\norbit_TimeAtPericenter=-1e9\n",
                1, "nowhere"},
           Case{"[a]\nname=A\nparent=none\nwhat\n", 4, "key = value"},
       }) {
    std::vector<StellariumBody> bodies;
    std::string problem;
    const Result<void> good = parse_bodies(wrong.ini, bodies, problem);
    ASSERT_FALSE(good) << wrong.ini;
    EXPECT_EQ(good.error().subject, wrong.line) << wrong.ini;
    EXPECT_THAT(problem, HasSubstr(wrong.problem)) << wrong.ini;
  }
}

TEST(StellariumAngles, are_decimal_or_in_minutes_and_seconds) {
  const auto degrees = [](std::string_view text) {
    double radians = 0;
    return parse_angle(text, radians) ? radians / kDegree : 1e9;
  };
  EXPECT_NEAR(degrees("+20d11'27\""), 20.190833, 1e-6);
  EXPECT_NEAR(degrees("-123d30'41\""), -123.511389, 1e-6);
  EXPECT_NEAR(degrees("+16d26'18\"E"), 16.438333, 1e-6);
  EXPECT_NEAR(degrees("30d0'0\"W"), -30, 1e-12);
  EXPECT_NEAR(degrees("+46.2"), 46.2, 1e-12);
  EXPECT_NEAR(degrees("12d"), 12, 1e-12);
  for (const char* wrong : {"", "d", "north", "12d30", "12d30'5\"7", "361", "nan", "1d-3'", "E"})
    EXPECT_EQ(degrees(wrong), 1e9) << wrong;
}

TEST(StellariumFeatures, are_read_with_the_comment_before_them) {
  const std::string text =
      "# about\n#\n# TRANSLATORS: (Io); fire.\nIo\t12\t_(\"Loki "
      "\\\"L\\\"\",\"patera\")\tPE\t13.5\t308.8\t227\n"
      "Io\t13\t_(\"Point\",\"crater\")\tAA\t-90\t360\t0";
  const Result<std::vector<StellariumFeature>> features = parse_features(text);
  ASSERT_TRUE(features);
  ASSERT_EQ(features->size(), 2u);
  const StellariumFeature& loki = (*features)[0];
  EXPECT_EQ(loki.body, "Io");
  EXPECT_EQ(loki.radius, 113'500);
  EXPECT_EQ(loki.line, 4u);
  EXPECT_THAT(text.substr(loki.text_at, loki.text_size), ::testing::StartsWith("# TRANS"));
  EXPECT_THAT(text.substr(loki.text_at, loki.text_size), ::testing::EndsWith("227"));
  EXPECT_EQ((*features)[1].radius, 25);
  EXPECT_THAT(text.substr((*features)[1].text_at), ::testing::StartsWith("Io\t13"));
}

TEST(StellariumFeatures, name_the_line_that_is_no_rule) {
  for (const char* wrong :
       {"Io\t12\t_(\"A\",\"b\")\tPE\t13\t308", "Io\t1\t_(\"A\",\"b\")\tPE\t91\t0\t1",
        "Io\t1\t_(\"A\",\"b\")\tPE\t1\t361\t1", "Io\t1\t_(\"A\",\"b\")\tPE\t1\t1\t-1",
        "Io\t1\tA\tPE\t1\t1\t1", "\t1\t_(\"A\",\"b\")\tPE\t1\t1\t1",
        "Io\t1\t_(\"A\",\"b\")\tPE\t1\tinf\t1", "Io\t1\t_(\"A\",\"b\")\tPE\t1\t1\t1\t",
        "Io\t1\t_(\"\",\"b\")\tPE\t1\t1\t1", "nothing"}) {
    const Result<std::vector<StellariumFeature>> features =
        parse_features("# two\n\n" + std::string(wrong) + "\n");
    ASSERT_FALSE(features) << wrong;
    EXPECT_EQ(features.error().subject, 3u) << wrong;
  }
}

}  // namespace
}  // namespace nf
