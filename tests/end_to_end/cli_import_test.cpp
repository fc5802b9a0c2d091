// pack with data of other programs: what it recognises, what becomes of it, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/end_to_end/run_program.h"
#include "tests/end_to_end/sample_source.h"

namespace nf::end_to_end {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kBodies =
    "[star]\nname=Sun\nparent=none\nradius=700000\n"
    "[planet]\nname=Earth\ncoord_func=earth_special\nradius=6378.1\nrot_pole_ra=0\nrot_pole_de=90\n"
    "[moon]\nname=Moon\nparent=Earth\nradius=1737.4\norbit_Period=27.3\n"
    "orbit_SemiMajorAxis=384400\n";
constexpr const char* kFeatures =
    "Moon\t1\t_(\"Tycho\",\"crater\")\tAA\t-43.3\t348.7\t85.3\n"
    "Moon\t2\t_(\"Tycho A\",\"satellite feature\")\tSF\t-39.9\t347.9\t30\n";

std::string star_system(const std::string& name, const std::string& x, const std::string& target) {
  return "<ssys name=\"" + name + "\"><general><radius>9000</radius></general><pos><x>" + x +
         "</x><y>2</y></pos><assets><asset>Port " + name +
         "</asset></assets><jumps><jump target=\"" + target + "\"><autopos/></jump></jumps></ssys>";
}

class CliImport : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(work_ / "sky/data/ssystem_major.ini", kBodies);
    write_text(work_ / "sky/data/nomenclature.dat", kFeatures);
    write_text(work_ / "sky/scripts/tour.ssc", "look();");
    write_text(work_ / "space/dat/ssys/a.xml", star_system("Alpha", "1", "Beta"));
    write_text(work_ / "space/dat/ssys/b.xml", star_system("Beta", "90", "Alpha"));
    write_text(work_ / "space/dat/assets/a.xml",
               "<asset name=\"Port Alpha\"><pos><x>10</x><y>0</y></pos></asset>");
  }
  RunResult pack(const std::string& source, const std::string& archive,
                 const std::string& format = "auto") {
    return run_nearfield(
        {"pack", work_ / source, "-o", work_ / archive, "--format", format, "--json"});
  }
  WorkFolder work_;
};

TEST_F(CliImport, recognises_stellarium_and_packs_the_same_bytes_again) {
  ASSERT_EQ(pack("sky", "a.nfa").exit_code, 0);
  ASSERT_EQ(pack("sky", "b.nfa", "stellarium").exit_code, 0);
  EXPECT_EQ(read_text(work_ / "a.nfa"), read_text(work_ / "b.nfa"));
  EXPECT_EQ(run_nearfield({"verify", work_ / "a.nfa"}).exit_code, 0);
  const RunResult zone =
      run_nearfield({"cat", work_ / "a.nfa", "Sol/Earth/Moon/Tycho A/feature.txt"});
  EXPECT_THAT(zone.out, HasSubstr("satellite feature"));
  EXPECT_EQ(run_nearfield({"cat", work_ / "a.nfa", "package/scripts/tour.ssc"}).out, "look();");
}

TEST_F(CliImport, recognises_naev_and_packs_the_same_bytes_again) {
  ASSERT_EQ(pack("space", "a.nfa").exit_code, 0);
  const RunResult again = pack("space", "b.nfa", "naev");
  ASSERT_EQ(again.exit_code, 0);
  EXPECT_EQ(read_text(work_ / "a.nfa"), read_text(work_ / "b.nfa"));
  EXPECT_THAT(again.json().at("notes").dump(), HasSubstr("1 entries of systems"));
  EXPECT_EQ(run_nearfield({"verify", work_ / "a.nfa"}).exit_code, 0);
  EXPECT_THAT(run_nearfield({"cat", work_ / "a.nfa", "Alpha/Port Alpha/a.xml"}).out,
              HasSubstr("Port Alpha"));
}

TEST_F(CliImport, names_file_and_line_of_bad_input) {
  write_text(work_ / "sky/data/ssystem_major.ini", "[moon]\nname=Moon\nradius=large\n");
  const RunResult result = pack("sky", "a.nfa");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("ssystem_major.ini line 3"), HasSubstr("radius")));
  EXPECT_FALSE(std::filesystem::exists(work_ / "a.nfa"));
}

}  // namespace
}  // namespace nf::end_to_end
