// world_file_writer: a generated world's world.json and tour as texts. Format: world_file.md.
// Pure; any thread. Names and paths are the plan's own: none has to be escaped.
#pragma once

#include <string>
#include <vector>

#include "formats/import/generate_plan.h"

namespace nf {

// `files` are the assets' paths, by container.
std::string world_file_text(const WorldPlan& plan,
                            const std::vector<std::vector<std::string>>& files);

// `t_seconds,x,y,z`, a heading first.
std::string tour_text(const std::vector<RoutePoint>& tour);

}  // namespace nf
