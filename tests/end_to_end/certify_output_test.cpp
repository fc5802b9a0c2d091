// What certify says of a certificate, without making one.
#include "tools/nearfield/certify_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nf::end_to_end {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CertifyOutput : public ::testing::Test {
 protected:
  CertifyOutput() : archive_(std::move(*Archive::open(NF_DATA_DIR "/golden/v1_small.nfa"))) {
    EXPECT_TRUE(world_.mount(archive_.world(), FileId{0}));
    certificate_.bounds.resize(world_.container_count());
    certificate_.asked = certificate_.safe = world_.container_count();
    flown_.late.resize(world_.container_count());
    flown_.is_broken.resize(world_.container_count());
    flown_.flights = 1;
  }
  CertifyReport report() const {
    return {.archive = archive_,
            .world = world_,
            .question = question_,
            .certificate = certificate_,
            .flown = flown_,
            .device = "nvme",
            .budget = {1 << 20},
            .notes = {}};
  }

  Archive archive_;
  World world_;
  certify::Question question_;
  certify::Certificate certificate_;
  FlownAgainst flown_;
};

TEST_F(CertifyOutput, tells_of_a_certificate_that_a_flight_has_refuted) {
  flown_.late[1] = flown_.lateness_max = 60;
  flown_.is_broken[1] = true;
  flown_.broken = 1;
  EXPECT_FALSE(is_certified(report()));
  EXPECT_EQ(not_safe(report()), std::vector<ContainerId>{ContainerId{1}});
  const CertifyClasses classes = classes_of(report());
  EXPECT_EQ(classes.late, 1u);
  EXPECT_EQ(classes.safe, certificate_.asked - 1);
  EXPECT_THAT(certify_verdict(report()),
              StartsWith("The certificate is wrong: a simulated flight"));
  EXPECT_THAT(certify_failure(report()), HasSubstr("the certificate is wrong"));
  EXPECT_THAT(certify_failure(report()), HasSubstr("; 1 of "));
  EXPECT_THAT(certify_page(report()), HasSubstr("The certificate is wrong"));
}

// Of a flight that began before everything was there.
TEST_F(CertifyOutput, does_not_take_an_unsettled_flight_for_a_refutation) {
  flown_.late[1] = flown_.lateness_max = 60;
  flown_.unsettled = 1;
  EXPECT_TRUE(is_certified(report()));
  EXPECT_TRUE(not_safe(report()).empty());
}

TEST_F(CertifyOutput, certifies_nothing_where_nothing_was_asked) {
  certificate_.asked = certificate_.safe = 0;
  EXPECT_FALSE(is_certified(report()));
  EXPECT_THAT(certify_verdict(report()), HasSubstr("nothing is proven"));
}

TEST_F(CertifyOutput, says_on_what_terms_it_certifies) {
  EXPECT_THAT(certify_verdict(report()), Not(HasSubstr("while")));
  CertifyReport restricted = report();
  restricted.has_templates = restricted.has_moving_frames = true;
  EXPECT_THAT(certify_verdict(restricted),
              HasSubstr(", while nothing is spawned and no frame moves."));
  restricted.has_templates = false;
  EXPECT_THAT(certify_verdict(restricted), HasSubstr(", while no frame moves."));
}

}  // namespace
}  // namespace nf::end_to_end
