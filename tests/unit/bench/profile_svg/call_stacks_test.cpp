// Samples of a profiler, from its text to the graph.
#include "bench/profile_svg/call_stacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/profile_svg/flame_graph.h"

namespace nf::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSamples =
    "nearfield_bench \n"
    "\t          401200 nf::decode(int, char const*) (/a b/bin/nearfield_bench)\n"
    "\t          401100 main (/a b/bin/nearfield_bench)\n"
    "\n"
    "nearfield_bench \n"
    "\t    7f0000001000 LZ4_decompress_safe (/usr/lib/liblz4.so.1)\n"
    "\t          401210 nf::decode(int, char const*) (/a b/bin/nearfield_bench)\n"
    "\t          401100 main (/a b/bin/nearfield_bench)\n"
    "\n"
    "nearfield_bench \n"
    "\tffffffff81000010 copy_to_user ([kernel.kallsyms])\n"
    "\t          401100 main (/a b/bin/nearfield_bench)\n"
    "\n"
    "nf ring\n"
    "\t    7f0000002000 [unknown] (/usr/lib/liblz4.so.1)\n";

const CallNode& find(const CallTree& tree, const std::string& name) {
  for (const CallNode& node : tree.nodes) {
    if (node.name == name) return node;
  }
  static const CallNode none;
  return none;
}

TEST(CallStacks, are_joined_by_who_called_whom) {
  const CallTree tree = parse_perf_script(kSamples);
  EXPECT_EQ(tree.nodes.front().samples, 4u);
  EXPECT_EQ(find(tree, "thread nearfield_bench").samples, 3u);
  EXPECT_EQ(find(tree, "main").samples, 3u);
  EXPECT_EQ(find(tree, "main").self, 0u);
  EXPECT_EQ(find(tree, "main").depth, 2u);
  EXPECT_EQ(find(tree, "nf::decode").samples, 2u);
  EXPECT_EQ(find(tree, "nf::decode").self, 1u);
  EXPECT_EQ(find(tree, "LZ4_decompress_safe").self, 1u);
  EXPECT_EQ(find(tree, "thread nf ring").samples, 1u);
  EXPECT_EQ(find(tree, "liblz4.so.1, no name").self, 1u);
}

TEST(CallStacks, know_whose_code_it_is) {
  const CallTree tree = parse_perf_script(kSamples);
  EXPECT_EQ(find(tree, "nf::decode").kind, CodeKind::ours);
  EXPECT_EQ(find(tree, "LZ4_decompress_safe").kind, CodeKind::library);
  EXPECT_EQ(find(tree, "copy_to_user").kind, CodeKind::kernel);
}

TEST(CallStacks, survive_other_texts) {
  for (const char* text : {"", "\n\n", "\t", "x", "a\nb\nc", "a\n 12\n", "a\n zz f (g)\n\n\n"}) {
    const CallTree tree = parse_perf_script(text);
    EXPECT_LE(tree.nodes.front().samples, 1u) << text;
    EXPECT_THAT(flame_graph_svg(tree, "title"), HasSubstr("</svg>"));
  }
  std::string deep = "thread\n";
  for (int i = 0; i < 100'000; ++i) deep += " 1 f" + std::to_string(i % 7) + " (lib)\n";
  const CallTree tree = parse_perf_script(deep);
  EXPECT_EQ(tree.nodes.size(), kDepthMax + 1);
}

TEST(CallStacks, name_functions_without_what_makes_them_long) {
  EXPECT_EQ(without_parameters("nf::Loads::take(unsigned long) const"), "nf::Loads::take");
  EXPECT_EQ(without_parameters("nf::(anonymous namespace)::step(int)"), "nf::step");
  EXPECT_EQ(without_parameters("void nf::work<int, a<b>>::run<c>(int)"), "nf::work<>::run<>");
  EXPECT_EQ(without_parameters("nf::a(int)::{lambda(int)#1}::operator()(int) const"), "nf::a");
  EXPECT_EQ(without_parameters("operator new(unsigned long)"), "operator new");
  EXPECT_EQ(without_parameters("std::function<void (int)>::operator()(int) const"),
            "std::function<>::operator()");
  EXPECT_EQ(without_parameters("main"), "main");
  EXPECT_EQ(without_parameters("(x)"), "(x)");
}

TEST(CallStacks, list_by_what_is_spent_in_a_function_itself) {
  const std::string recursive =
      "t\n 1 f (l)\n 1 g (l)\n 1 f (l)\n\n"
      "t\n 1 f (l)\n\n"
      "t\n 1 g (l)\n\n";
  const std::vector<FunctionCost> costs = costs_of(parse_perf_script(recursive));
  ASSERT_GE(costs.size(), 2u);
  EXPECT_EQ(costs[0].name, "f");
  EXPECT_EQ(costs[0].self, 2u);
  EXPECT_EQ(costs[0].samples, 2u) << "once for a sample, however often it is in it";
  EXPECT_EQ(costs[1].name, "g");
  EXPECT_EQ(costs[1].samples, 2u);
  const std::string text = text_of_costs(parse_perf_script(recursive), 1);
  EXPECT_THAT(text, HasSubstr(" f "));
  EXPECT_THAT(text, Not(HasSubstr(" g ")));
}

TEST(FlameGraph, shows_each_function_with_its_share) {
  const std::string svg = flame_graph_svg(parse_perf_script(kSamples), "a <title>");
  EXPECT_THAT(svg, HasSubstr("a &lt;title&gt;"));
  EXPECT_THAT(svg, HasSubstr("<title>nf::decode: 50.00 %, 2 samples, 1 in itself</title>"));
  EXPECT_THAT(svg, Not(HasSubstr("/a b/")));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace nf::bench
