#include "bench/profile_svg/call_stacks.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

struct Frame {
  std::string name;
  CodeKind kind = CodeKind::library;
};

// The half of the address space that belongs to the kernel.
bool is_kernel_address(std::string_view address) {
  return address.size() == 16 && address.starts_with("ffff");
}

std::string name_of(std::string_view function, std::string_view file) {
  if (function != "[unknown]" || file.empty()) return without_parameters(function);
  return std::string(file).append(", no name");
}

// "    55d0c0 nf::step(nf::Time) (/usr/bin/nearfield_bench)". An empty name: it is no such line.
Frame parse_frame(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = line.find(' ');
  if (end == std::string_view::npos) return {};
  const std::string_view address = line.substr(0, end);
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (!std::all_of(address.begin(), address.end(), is_digit)) return {};
  std::string_view function = line.substr(end + 1);
  std::string_view file;
  if (const std::size_t open = function.rfind(" ("); open != std::string_view::npos) {
    file = function.substr(open + 2);
    function = function.substr(0, open);
    if (file.ends_with(')')) file.remove_suffix(1);
  }
  const std::string_view leaf = file.substr(file.rfind('/') + 1);
  const CodeKind kind = is_kernel_address(address)      ? CodeKind::kernel
                        : leaf.starts_with("nearfield") ? CodeKind::ours
                                                        : CodeKind::library;
  return {.name = name_of(function, leaf), .kind = kind};
}

class TreeBuilder {
 public:
  TreeBuilder() { tree_.nodes.push_back({.name = "all", .kind = CodeKind::ours}); }

  // `frames` from the innermost out, the thread's name last.
  void add(const std::vector<Frame>& frames) {
    std::uint32_t at = 0;
    ++tree_.nodes[at].samples;
    const std::size_t depth = std::min(frames.size(), kDepthMax);
    for (std::size_t i = 0; i < depth; ++i) {
      at = find_or_add(at, frames[frames.size() - 1 - i]);
      ++tree_.nodes[at].samples;
    }
    ++tree_.nodes[at].self;
  }
  CallTree take() { return std::move(tree_); }

 private:
  std::uint32_t find_or_add(std::uint32_t caller, const Frame& frame) {
    const auto next = static_cast<std::uint32_t>(tree_.nodes.size());
    const auto [found, is_new] = known_.try_emplace({caller, frame.name}, next);
    if (is_new) {
      const std::uint32_t depth = tree_.nodes[caller].depth + 1;
      tree_.nodes.push_back({.name = frame.name, .kind = frame.kind, .depth = depth});
      tree_.nodes[caller].called.push_back(next);
    }
    return found->second;
  }

  CallTree tree_;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> known_;
};

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return text_of("%5.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string without_parameters(std::string_view function) {
  constexpr std::string_view kNameless = "(anonymous namespace)::";
  constexpr std::string_view kCall = "operator()";
  std::string name;
  int angles = 0;  // open ones: the arguments of templates say little and take whole lines
  for (std::size_t i = 0; i < function.size(); ++i) {
    const std::string_view rest = function.substr(i);
    if (rest.starts_with(kNameless)) {
      i += kNameless.size() - 1;
    } else if (rest.starts_with(kCall)) {
      if (angles == 0) name += kCall;
      i += kCall.size() - 1;
    } else if (rest.front() == '(' && angles == 0) {
      break;
    } else if (rest.front() == '<' && !name.ends_with("operator")) {
      if (angles++ == 0) name += "<>";
    } else if (rest.front() == '>' && angles > 0) {
      --angles;
    } else if (angles == 0) {
      name += rest.front();
    }
  }
  // What a function template returns stands in front of its name.
  const std::size_t space = name.rfind(' ');
  if (space != std::string::npos && !name.substr(0, space).ends_with("operator")) {
    name.erase(0, space + 1);
  }
  return name.empty() ? std::string(function) : name;
}

CallTree parse_perf_script(std::string_view text) {
  TreeBuilder builder;
  std::string thread;
  std::vector<Frame> frames;
  const auto finish = [&] {
    if (!thread.empty()) {
      frames.push_back({.name = "thread " + thread, .kind = CodeKind::ours});
      builder.add(frames);
    }
    thread.clear();
    frames.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      finish();
    } else if (thread.empty()) {
      thread = line.substr(0, line.find_last_not_of(" \t") + 1);
    } else if (Frame frame = parse_frame(line); !frame.name.empty()) {
      frames.push_back(std::move(frame));
    }
  }
  finish();
  return builder.take();
}

std::vector<FunctionCost> costs_of(const CallTree& tree) {
  std::map<std::string, FunctionCost> costs;
  std::vector<std::pair<std::uint32_t, bool>> waiting = {{0, false}};  // true: it is left again
  std::map<std::string, int> open;
  while (!waiting.empty()) {
    const auto [at, left] = waiting.back();
    waiting.pop_back();
    const CallNode& node = tree.nodes[at];
    if (left) {
      --open[node.name];
      continue;
    }
    FunctionCost& cost = costs[node.name];
    cost.name = node.name;
    cost.kind = node.kind;
    cost.self += node.self;
    if (open[node.name]++ == 0) cost.samples += node.samples;
    waiting.emplace_back(at, true);
    for (const std::uint32_t called : node.called) waiting.emplace_back(called, false);
  }
  std::vector<FunctionCost> sorted;
  for (auto& [name, cost] : costs) sorted.push_back(std::move(cost));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const FunctionCost& a, const FunctionCost& b) { return a.self > b.self; });
  return sorted;
}

std::string text_of_costs(const CallTree& tree, std::size_t count) {
  const std::uint64_t all = std::max<std::uint64_t>(tree.nodes.front().samples, 1);
  std::string text = text_of("%llu samples\n\n   self   with what it called  function\n",
                             static_cast<unsigned long long>(tree.nodes.front().samples));
  for (const FunctionCost& cost : costs_of(tree)) {
    if (count-- == 0 || cost.self == 0) break;
    const char* const where = cost.kind == CodeKind::kernel    ? " [kernel]"
                              : cost.kind == CodeKind::library ? " [library]"
                                                               : "";
    text += percent(cost.self, all) + "              " + percent(cost.samples, all) + "  " +
            cost.name + where + "\n";
  }
  return text;
}

}  // namespace nf::bench
