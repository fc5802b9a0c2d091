// Headline notes: what each headline is, in a sentence: what against what, at which size, and which
// way is better. A suite says it itself where only the run knows, such as who the best peer was.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "bench/suite/suite.h"

namespace nf::bench {

// The suite's own note, else the one that is known for the name; empty: there is none.
std::string headline_note(const SuiteResult& result, const std::string& name);

// "load_ratio_lz4_2_workers" and its like: the names of all suites but contenders.
std::string known_headline_note(std::string_view name);

}  // namespace nf::bench
