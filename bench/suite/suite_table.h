// The suites this program was built with, in the order in which `all` runs them.
//
// Constant; any thread.
#pragma once

#include <span>
#include <string_view>

#include "bench/suite/suite.h"

namespace nf::bench {

struct Suite {
  const char* name;
  const char* question;
  SuiteResult (*run)(const BenchOptions& options);
};

std::span<const Suite> suites();
const Suite* find_suite(std::string_view name);  // null: there is none

// `bench load` and `bench scale` take options that no other suite has; then their own parsers read
// the whole line.
// True if that is so: `exit_code` says how it ended.
bool run_by_own_parser(int count, char** words, int& exit_code);

}  // namespace nf::bench
