// NF_ASSERT: a bug in this project or in the caller's use of it. On in release; ends the process.
// Any thread.
#pragma once

namespace nf {
[[noreturn]] void assert_failed(const char* expression, const char* file, int line);
// A rule of the public headers was broken: `rule` says it in a sentence. Ends the process.
[[noreturn]] void misused(const char* rule);
}  // namespace nf

#define NF_ASSERT(condition)                    \
  (__builtin_expect(!!(condition), 1) ? void(0) \
                                      : ::nf::assert_failed(#condition, __FILE__, __LINE__))
