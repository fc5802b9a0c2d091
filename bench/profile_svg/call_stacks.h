// CallTree: the samples of a profiler, joined by who called whom.
//
// Pure; any thread. Nodes are numbered as they come up; a caller comes before what it called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nf::bench {

enum class CodeKind : std::uint8_t { ours, library, kernel };

struct CallNode {
  std::string name;  // of the function, without its parameters
  CodeKind kind = CodeKind::library;
  std::uint32_t depth = 0;
  std::uint64_t samples = 0;  // in it and in what it called
  std::uint64_t self = 0;
  std::vector<std::uint32_t> called = {};
};

struct CallTree {
  std::vector<CallNode> nodes;  // the first stands for all samples
};

// The text of `perf script -F comm,ip,sym,dso`: a line that names the thread, then a line for each
// function from the innermost out, then an empty line. Lines that are something else are passed
// over; a sample deeper than `kDepthMax` loses its innermost functions.
inline constexpr std::size_t kDepthMax = 128;
CallTree parse_perf_script(std::string_view text);

// "nf::Loads::take_reads" for "nf::Loads::take_reads(unsigned long) const".
std::string without_parameters(std::string_view function);

struct FunctionCost {
  std::string name;
  CodeKind kind = CodeKind::library;
  std::uint64_t samples = 0;  // once for each sample it is in, however often it calls itself
  std::uint64_t self = 0;
};
// By self, most first.
std::vector<FunctionCost> costs_of(const CallTree& tree);
// A table of the first `count`.
std::string text_of_costs(const CallTree& tree, std::size_t count);

}  // namespace nf::bench
