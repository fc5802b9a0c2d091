// Plots of figures as SVG text that any browser shows without a script.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "bench/suite/suite.h"

namespace nf::bench {

// A bar for each figure and its reference, with whiskers from the least sample to the largest. All
// figures are of one unit.
std::string bars_svg(const std::vector<const Figure*>& figures);

// A line for each PlotPlace::line over x, the reference dashed; a bar through each point from the
// least sample to the largest. All figures are of one plot and one unit.
std::string lines_svg(const std::vector<const Figure*>& figures);

}  // namespace nf::bench
