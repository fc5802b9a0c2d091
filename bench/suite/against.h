// Against: a run compared with an earlier one, figure by figure. It tells and never judges: only
// where no sample of one run lies within the range of the other is it more than noise.
//
// Pure; any thread.
#pragma once

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

  // Of the medians, 0.05: 5 % more than before; 0 where there was nothing.
  double part() const;
  bool apart() const;  // the ranges do not overlap
};

struct Comparison {
  std::vector<Change> changes;       // figures of both, in the order of the new run
  std::vector<std::string> gone;     // "disk: ..." only in the old one
  std::vector<std::string> added;    // only in the new one
  std::vector<std::string> caveats;  // what differs between the machines
};

// Both are documents of json_of_report. Throws std::invalid_argument with a sentence if one is not.
Comparison compare(const nlohmann::ordered_json& before, const nlohmann::ordered_json& now);

std::string text_of_comparison(const Comparison& comparison);

}  // namespace nf::bench
