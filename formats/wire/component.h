// Names that come from outside: what may be one component of a path, and what is text at all.
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace nf {

inline constexpr std::size_t kComponentSizeMax = 255;
inline constexpr std::size_t kPathSizeMax = 4096;

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (Unicode, table 3-7).
bool is_utf8(std::string_view text);

// 1 to 255 bytes of UTF-8 without `/`, `\`, control characters or 0x7F; neither `.` nor `..`. Such
// a name cannot leave the folder it is extracted to.
bool is_component(std::string_view name);

}  // namespace nf
