#include "tools/nearfield/certify_output.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/interest/eyes.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/certify_cause.h"
#include "tools/nearfield/fly_summary.h"
#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

using certify::Bound;
using certify::Cause;

constexpr std::size_t kListed = 1000;
constexpr std::size_t kShown = 10;
constexpr const char* kBroken = "certificate is wrong: a simulated flight was later than it allows";

bool has_bound(const Bound& bound) {
  return bound.cause == Cause::none || bound.cause == Cause::deadline;
}

std::string place_text(WorldPosition at) {
  return text_of("%.0f,%.0f,%.0f", at.x, at.y, at.z);
}

WorldPosition center_of(const WorldBox& box) {
  return box.low + (box.high - box.low) * 0.5;
}

nlohmann::ordered_json list_of_containers(const CertifyReport& report) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ContainerId id : not_safe(report)) {
    if (list.size() == kListed) break;
    const Bound& bound = report.certificate.bounds[id.value];
    const double found = report.flown.late[id.value];
    nlohmann::ordered_json entry = {{"container", report.archive.container_path(id)},
                                    {"class", found > 0 ? "late" : "undecided"},
                                    {"cause", name_of(bound.cause)},
                                    {"lateness_ms_most", nullptr},
                                    {"lateness_ms_found", found * 1e3}};
    if (has_bound(bound)) entry["lateness_ms_most"] = bound.seconds * 1e3;
    list.push_back(entry);
  }
  return list;
}

nlohmann::ordered_json list_of_places(const CertifyReport& report) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const certify::Spot& spot : report.certificate.worst) {
    const WorldPosition at = center_of(spot.box);
    nlohmann::ordered_json entry = {{"at", {at.x, at.y, at.z}},
                                    {"cause", name_of(spot.cause)},
                                    {"container", report.archive.container_path(spot.first)},
                                    {"lateness_ms_most", nullptr}};
    if (spot.cause == Cause::deadline) entry["lateness_ms_most"] = spot.seconds * 1e3;
    list.push_back(entry);
  }
  return list;
}

nlohmann::ordered_json list_of_causes(const CertifyReport& report) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CertifyCause& cause : causes_of(report)) {
    list.push_back({{"cause", cause.name},
                    {"containers", cause.containers},
                    {"meaning", cause.what},
                    {"remedy", cause.remedy}});
  }
  return list;
}

std::string lateness_text(const CertifyReport& report) {
  const CertifyLateness lateness = lateness_of(report);
  const std::string most = milliseconds_text(lateness.bounded_max * 1e3) + " at most";
  const std::string by = " by the certificate; ";
  if (lateness.is_bounded) return most + by;
  if (lateness.unbounded == 0) return "no bound" + by;
  const std::uint32_t others = report.certificate.asked - lateness.unbounded;
  return "no bound for " + grouped(lateness.unbounded) +
         (others > 0 ? ", " + most + " for the others," : "") + by;
}

// What the certificate takes for granted of this world.
std::string provisos(const CertifyReport& report) {
  std::string text;
  if (report.has_templates) text = ", while nothing is spawned";
  if (report.has_moving_frames)
    text += text.empty() ? ", while no frame moves" : " and no frame moves";
  return text;
}

}  // namespace

std::string certify_failure(const CertifyReport& report) {
  const CertifyClasses classes = classes_of(report);
  if (report.certificate.asked == 0) return "nothing of what was asked about has a place";
  const std::string wrong =
      report.flown.broken > 0 ? std::string("the ") + kBroken + "; " : std::string();
  return wrong + grouped(classes.late + classes.undecided) + " of " +
         counted(report.certificate.asked, "container") + " can be late";
}

CertifyClasses classes_of(const CertifyReport& report) {
  CertifyClasses classes;
  const std::vector<ContainerId> ids = not_safe(report);
  for (const ContainerId id : ids) {
    ++(report.flown.late[id.value] > 0 ? classes.late : classes.undecided);
  }
  classes.safe = report.certificate.asked - static_cast<std::uint32_t>(ids.size());
  return classes;
}

CertifyLateness lateness_of(const CertifyReport& report) {
  CertifyLateness lateness;
  for (const Bound& bound : report.certificate.bounds) {
    if (has_bound(bound)) {
      lateness.bounded_max = std::max(lateness.bounded_max, bound.seconds);
    } else {
      ++lateness.unbounded;
    }
  }
  lateness.is_bounded = report.certificate.asked > 0 && lateness.unbounded == 0;
  return lateness;
}

bool is_certified(const CertifyReport& report) {
  const certify::Certificate& made = report.certificate;
  return made.asked > 0 && made.safe == made.asked && report.flown.broken == 0;
}

std::vector<ContainerId> not_safe(const CertifyReport& report) {
  const auto& bounds = report.certificate.bounds;
  std::vector<ContainerId> ids;
  for (std::uint32_t id = 0; id < bounds.size(); ++id) {
    if (bounds[id].cause != Cause::none || report.flown.is_broken[id]) ids.push_back({id});
  }
  std::sort(ids.begin(), ids.end(), [&](ContainerId a, ContainerId b) {
    const Bound& first = bounds[a.value];
    const Bound& second = bounds[b.value];
    if (has_bound(first) != has_bound(second)) return !has_bound(first);
    return first.seconds != second.seconds ? first.seconds > second.seconds : a < b;
  });
  return ids;
}

std::vector<std::string> certify_row(const CertifyReport& report, ContainerId id) {
  const Bound& bound = report.certificate.bounds[id.value];
  const double found = report.flown.late[id.value];
  return {container_label(report.archive, id),
          has_bound(bound) ? milliseconds_text(bound.seconds * 1e3) : "no bound",
          found > 0 ? milliseconds_text(found * 1e3) : "not found", name_of(bound.cause)};
}

std::string certify_verdict(const CertifyReport& report) {
  const CertifyClasses classes = classes_of(report);
  const std::string asked = counted(report.certificate.asked, "container");
  const std::string envelope =
      text_of("at %g m/s", report.question.envelope.speed_max) + " on " + report.device;
  if (is_certified(report)) {
    return "Certified: none of " + asked + " can be late " + envelope +
           ", wherever the player goes" + provisos(report) + ".";
  }
  if (report.certificate.asked == 0) {
    return "Not certified: nothing of what was asked about has a place, so nothing is proven.";
  }
  const std::string wrong =
      report.flown.broken > 0 ? std::string("The ") + kBroken + ". " : std::string();
  return wrong + "Not certified: " + grouped(classes.late + classes.undecided) + " of " + asked +
         " can be late " + envelope + ": " + grouped(classes.late) +
         (classes.late == 1 ? " was" : " were") + " found late in a simulated flight, of " +
         grouped(classes.undecided) + " it is not known.";
}

nlohmann::ordered_json certify_json(const CertifyReport& report) {
  const certify::Certificate& made = report.certificate;
  const CertifyClasses classes = classes_of(report);
  const CertifyLateness lateness = lateness_of(report);
  nlohmann::ordered_json most = nullptr;
  if (lateness.is_bounded) most = lateness.bounded_max * 1e3;
  return {{"certified", is_certified(report)},
          {"verdict", certify_verdict(report)},
          {"containers", made.asked},
          {"safe", classes.safe},
          {"late", classes.late},
          {"undecided", classes.undecided},
          {"lateness_ms_most", most},
          {"unbounded", lateness.unbounded},
          {"lateness_ms_most_bounded", lateness.bounded_max * 1e3},
          {"lateness_ms_found", report.flown.lateness_max * 1e3},
          {"slack_ms", is_certified(report) ? made.slack * 1e3 : 0.0},
          {"flights", report.flown.flights},
          {"flights_unsettled", report.flown.unsettled},
          {"certificate_broken", report.flown.broken},
          {"memory_most", static_cast<std::uint64_t>(made.memory_most)},
          {"memory_surely_enough", static_cast<std::uint64_t>(made.memory_surely)},
          {"memory_budget", report.budget.value},
          {"listed_most", made.listed_most},
          {"eyes_most", made.eyes_most},
          {"carries", made.carries},
          {"coarse", made.coarse},
          {"boxes", made.boxes},
          {"archive", report.archive.path()},
          {"device", report.device},
          {"speed", report.question.envelope.speed_max},
          {"lookahead_ms", report.question.supply.options.lookahead.seconds() * 1e3},
          {"causes", list_of_causes(report)},
          {"not_safe", list_of_containers(report)},
          {"worst_places", list_of_places(report)},
          {"notes", report.notes}};
}

void print_certificate(Console& console, const CertifyReport& report) {
  const certify::Certificate& made = report.certificate;
  const CertifyClasses classes = classes_of(report);
  std::string text = report.archive.path() + ": " + certify_verdict(report) + "\n";
  const auto line = [&](const char* word, const std::string& value) {
    text += text_of("  %-10s", word) + value + "\n";
  };
  line("classes", grouped(classes.safe) + " safe, " + grouped(classes.late) + " shown late, " +
                      grouped(classes.undecided) + " undecided");
  line("lateness", lateness_text(report) + milliseconds_text(report.flown.lateness_max * 1e3) +
                       " found by " + counted(report.flown.flights, "simulated flight"));
  if (is_certified(report)) {
    line("slack", milliseconds_text(made.slack * 1e3) + " or more left everywhere");
  }
  line("memory", "no more than " + human_size({static_cast<std::uint64_t>(made.memory_most)}) +
                     " wanted and kept at one time; " +
                     human_size({static_cast<std::uint64_t>(made.memory_surely)}) +
                     " surely enough, whatever holes there are; --budget " +
                     given_size(report.budget));
  line("looked at", counted(made.boxes, "place") + "; lists of no more than " +
                        counted(made.listed_most, "container") + "; " +
                        counted(made.eyes_most, "eye") + " at most, of " +
                        grouped(Eyes::kEyesPerObserverMax));
  const std::vector<CertifyCause> causes = causes_of(report);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    line(i == 0 ? "causes" : "", std::string(causes[i].name) + ", " +
                                     grouped(causes[i].containers) + ": " + causes[i].what + " (" +
                                     causes[i].remedy + ")");
  }
  console.print(text);
  const std::vector<ContainerId> ids = not_safe(report);
  if (ids.empty()) return;
  Table table({"container", "at most", "found", "cause"});
  for (std::size_t i = 0; i < std::min(ids.size(), kShown); ++i) {
    table.add(certify_row(report, ids[i]));
  }
  console.print(table.text());
  if (ids.size() > kShown) console.print("and " + grouped(ids.size() - kShown) + " more\n");
  Table places({"worst from", "at most", "cause"});
  for (std::size_t i = 0; i < std::min(made.worst.size(), kShown); ++i) {
    const certify::Spot& spot = made.worst[i];
    places.add({place_text(center_of(spot.box)),
                spot.cause == Cause::deadline ? milliseconds_text(spot.seconds * 1e3) : "no bound",
                name_of(spot.cause)});
  }
  if (!made.worst.empty()) console.print(places.text());
}

}  // namespace nf
