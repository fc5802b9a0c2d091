// A flame graph: a box for each function, as wide as its samples, on top of its caller (Gregg, "The
// Flame Graph", Communications of the ACM 59(6), 2016). SVG text that any browser shows without a
// script; a box says what it is while the pointer rests on it.
//
// Pure; any thread.
#pragma once

#include <string>

#include "bench/profile_svg/call_stacks.h"

namespace nf::bench {

std::string flame_graph_svg(const CallTree& tree, const std::string& title);

}  // namespace nf::bench
