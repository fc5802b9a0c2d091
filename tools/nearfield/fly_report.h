// The report: one HTML file that explains a flight to somebody who has never heard of nearfield. No
// network, no script: text and drawings.
//
// Any thread.
#pragma once

#include <string>

#include <nearfield/archive.h>
#include <nearfield/result.h>

#include "core/world/world.h"
#include "tools/nearfield/fly_summary.h"

namespace nf {

struct FlyReportInput {
  const Archive& archive;
  const World& world;
  const Flight& flight;
  const FlySetting& setting;
  const FlyRecord& record;
  const FlySummary& summary;
};

std::string fly_report_html(const FlyReportInput& input);
// Replaces the file as a whole (ReplacementFile).
Result<void> write_fly_report(const std::string& path, const FlyReportInput& input);

}  // namespace nf
