// Checks of numbers on the command line that the parser's own let through.
//
// Pure; any thread.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/nearfield/sizes.h"

namespace nf {

// A number from `least` to `most`. CLI::Range takes what is not a number for one in range.
inline CLI::Validator number_within(double least, double most) {
  const std::string range = text_of("from %g to %g", least, most);
  return {[least, most, range](std::string& word) -> std::string {
            double value = 0;
            const bool is_number = CLI::detail::lexical_cast(word, value);
            if (is_number && value >= least && value <= most) return {};
            return "'" + word + "' is not a number " + range;
          },
          range};
}

// What 64 bits hold. The parser takes -1 for the largest of them, as it does what is too large.
inline CLI::Validator seed_number() {
  return {[](std::string& word) -> std::string {
            errno = 0;
            char* end = nullptr;
            (void)std::strtoull(word.c_str(), &end, 0);
            const bool is_whole = !word.empty() && word[0] >= '0' && word[0] <= '9' && *end == '\0';
            if (is_whole && errno == 0) return {};
            return "'" + word + "' is not a whole number from 0 to 18446744073709551615";
          },
          ""};
}

}  // namespace nf
