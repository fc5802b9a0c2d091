// ini_texts: the sections of an INI file, with the line of everything, so that a wrong value can be
// named by whoever reads it.
//
// Pure function, any thread. Strict: a line is empty, a comment, a [section] or a key = value, and
// no key stands before the first section. `;` and `#` begin a comment at the start of a line and
// after a space. Keys are compared without regard to ASCII case; a key that is given twice and a
// section that is opened twice are kept as they come.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

struct IniEntry {
  std::string key;  // in lower case
  std::string value;
  std::uint32_t line = 0;  // from 1
};

struct IniSection {
  std::string name;
  std::uint32_t line = 0;
  std::vector<IniEntry> entries;

  // The last entry of that key, written in lower case; null if there is none.
  const IniEntry* find(std::string_view key) const;
};

inline constexpr std::uint32_t kIniLinesMax = 1u << 20;

// The error's subject is the line.
Result<std::vector<IniSection>> parse_ini(std::string_view text);

}  // namespace nf
