// What `nearfield fly` prints of a flight: text for people, one JSON document for scripts.
//
// Main thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/nearfield/fly_report.h"
#include "tools/nearfield/output.h"

namespace nf {

nlohmann::ordered_json fly_json(const FlyReportInput& input);
void print_fly(Console& console, const FlyReportInput& input);

}  // namespace nf
