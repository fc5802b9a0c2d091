// Against: a run compared with an earlier one, figure by figure. It tells and never judges: only
// where no sample of one run lies within the range of the other is it more than noise. Where there
// is a reference its ratios are compared: they are what does not depend on the day.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/suite/suite.h"

namespace nf::bench {

struct Change {
  std::string suite;
  std::string name;
  std::string unit;
  Better better = Better::higher;
  Spread before;
  Spread now;
  Spread ratio_before;  // all 0 without a reference
  Spread ratio_now;
  std::uint64_t rounds = 0;  // of the run that had fewer

  bool paired() const { return ratio_before.median != 0 && ratio_now.median != 0; }
  // Of the medians, 0.05: 5 % more than before; 0 where there was nothing.
  double part() const;
  double ratio_part() const;
  // The ranges do not overlap: of the ratios if it is paired. A single round has no range.
  bool apart() const;
};

struct Comparison {
  std::vector<Change> changes;       // figures of both, in the order of the new run
  std::vector<std::string> gone;     // "disk: ..." only in the old one
  std::vector<std::string> added;    // only in the new one
  std::vector<std::string> caveats;  // what differs between the machines and the builds
};

// Both are documents of json_of_report. Throws std::invalid_argument with a sentence that names the
// field if one is not.
Comparison compare(const nlohmann::ordered_json& before, const nlohmann::ordered_json& now);

// Why a report has nothing to say about a run of `suites`: it holds figures of none of them. Empty:
// it has. Throws like `compare`.
std::string nothing_in_common(const nlohmann::ordered_json& before,
                              const std::vector<std::string>& suites);

std::string text_of_comparison(const Comparison& comparison);

}  // namespace nf::bench
