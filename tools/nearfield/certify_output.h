// What `nearfield certify` says: as text, as JSON and as a page.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/archive.h>
#include <nlohmann/json_fwd.hpp>

#include "core/world/world.h"
#include "tools/certify/adversary.h"
#include "tools/certify/certify.h"
#include "tools/nearfield/output.h"

namespace nf {

// What the flights against a certificate found.
struct FlownAgainst {
  std::uint32_t flights = 0;
  std::uint32_t unsettled = 0;  // of them: not all was there before they set out
  std::vector<double> late;     // by container: seconds, its worst; 0 if it never was
  double lateness_max = 0;
  // By container: it was later than is certified, which is a bug of ours.
  std::vector<bool> is_broken;
  std::uint32_t broken = 0;  // containers of these
};

struct CertifyReport {
  const Archive& archive;
  const World& world;
  const certify::Question& question;
  const certify::Certificate& certificate;
  const FlownAgainst& flown;
  std::string device;
  Bytes budget;
  std::vector<std::string> notes;  // sentences
  bool has_templates = false;      // nothing is known of what is spawned from them
  bool has_moving_frames = false;  // they stand where the archive puts them
};

// Of what was asked about: proven safe, and no flight says otherwise; shown to be late; neither.
struct CertifyClasses {
  std::uint32_t safe = 0;
  std::uint32_t late = 0;
  std::uint32_t undecided = 0;
};
CertifyClasses classes_of(const CertifyReport& report);
// How late at most: of all that was asked about only where each has a bound.
struct CertifyLateness {
  std::uint32_t unbounded = 0;  // containers
  double bounded_max = 0;       // seconds; of the others
  bool is_bounded = false;      // something was asked about, and all of it has a bound
};
CertifyLateness lateness_of(const CertifyReport& report);
// What was asked about is something, and all of it is safe.
bool is_certified(const CertifyReport& report);
std::string certify_verdict(const CertifyReport& report);
std::string certify_failure(const CertifyReport& report);  // in a few words; it is not certified

nlohmann::ordered_json certify_json(const CertifyReport& report);
void print_certificate(Console& console, const CertifyReport& report);
std::string certify_page(const CertifyReport& report);
// Containers that are not safe, the worst first, and for each row of a table: how late at most, how
// late it was found, and why.
std::vector<ContainerId> not_safe(const CertifyReport& report);
std::vector<std::string> certify_row(const CertifyReport& report, ContainerId id);

}  // namespace nf
