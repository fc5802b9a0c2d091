#include "tools/nearfield/certify_cause.h"

#include <algorithm>
#include <array>

#include "core/interest/eyes.h"

namespace nf {
namespace {

using certify::Cause;

constexpr std::array<Cause, 4> kCauses = {Cause::deadline, Cause::holes, Cause::memory,
                                          Cause::limit};

const char* meaning_of(Cause cause) {
  switch (cause) {
    case Cause::none: return "";
    case Cause::deadline:
      return "more can be needed at one time than disk and decoders load by then";
    case Cause::holes:
      return "what is wanted at one time fits into memory, but perhaps not into the free pieces of "
             "it";
    case Cause::memory: return "what is wanted and kept at one time does not fit into memory";
    case Cause::limit: return "more is wanted at one time than a list of the runtime takes";
  }
  return "";
}

// A --budget of which so many bytes are left for containers: staging takes its part of it.
std::string budget_for(const CertifyReport& report, double bytes) {
  constexpr std::uint64_t kStep = 1 << 20;
  const std::uint64_t staging = StreamerOptions{}.staging.value;
  const std::uint64_t needed = static_cast<std::uint64_t>(bytes) + staging;
  const std::uint64_t least = report.budget.value + kStep;  // as it is, it was not enough
  return "--budget " + std::to_string(std::max(needed / kStep + 1, least / kStep)) + "MiB";
}

std::string limit_remedy(const CertifyReport& report) {
  const certify::Certificate& made = report.certificate;
  const StreamerOptions& options = report.question.supply.options;
  std::string text;
  const auto add = [&text](const std::string& remedy) {
    text += (text.empty() ? "" : "; ") + remedy;
  };
  if (made.listed_most > options.wanted_per_observer_max) {
    add("--wanted-max " + std::to_string(made.listed_most) + ", now " +
        std::to_string(options.wanted_per_observer_max) +
        ", and wanted_per_observer_max of the engine");
  }
  if (made.eyes_most > Eyes::kEyesPerObserverMax) add("fewer bodies that move near one another");
  if (text.empty()) add("fewer containers that what is near depends on");
  return text + "; shorter load distances";
}

std::string remedy_of(const CertifyReport& report, Cause cause) {
  const certify::Certificate& made = report.certificate;
  switch (cause) {
    case Cause::none: break;
    case Cause::deadline:
      return "a longer --lookahead, a lower --speed, a faster --device, smaller containers, "
             "shorter load distances";
    case Cause::holes:
      return budget_for(report, made.memory_surely) +
             " is surely enough; smaller containers; --ignore-holes if that needs no proof";
    case Cause::memory:
      return budget_for(report, made.memory_most) + " or more, and with " +
             budget_for(report, made.memory_surely) +
             " holes do no harm either; smaller containers, shorter load distances";
    case Cause::limit: return limit_remedy(report);
  }
  return "";
}

}  // namespace

const char* name_of(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::deadline: return "deadline";
    case Cause::holes: return "holes";
    case Cause::memory: return "memory";
    case Cause::limit: return "limit";
  }
  return "";
}

std::vector<CertifyCause> causes_of(const CertifyReport& report) {
  std::vector<CertifyCause> causes;
  for (const Cause cause : kCauses) {
    const auto& bounds = report.certificate.bounds;
    const auto count =
        std::count_if(bounds.begin(), bounds.end(),
                      [&](const certify::Bound& bound) { return bound.cause == cause; });
    if (count == 0) continue;
    causes.push_back({.containers = static_cast<std::uint32_t>(count),
                      .name = name_of(cause),
                      .what = meaning_of(cause),
                      .remedy = remedy_of(report, cause)});
  }
  std::stable_sort(causes.begin(), causes.end(), [](const CertifyCause& a, const CertifyCause& b) {
    return a.containers > b.containers;
  });
  return causes;
}

}  // namespace nf
