#include "tools/nearfield/predict_output.h"

#include <nlohmann/json.hpp>

#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

using predict::Figures;
using predict::KindResult;
using predict::Row;

constexpr double kShownCap = 1.10;  // of the kinds in the text

nlohmann::ordered_json row_json(const Row& row) {
  const Figures& figures = row.figures;
  return {{"kind", row.kind},
          {"policy", row.policy},
          {"knob", figures.knob},
          {"cap", figures.cap},
          {"late_s_per_h", figures.late},
          {"gain", row.gain},
          {"late_wall_s_per_h", figures.late_wall},
          {"hitches_per_h", figures.hitches},
          {"lateness_p999_ms", figures.lateness_p999_ms},
          {"gb_read_per_h", figures.gb_read},
          {"gb_wasted_per_h", figures.gb_wasted},
          {"peak_mb", figures.peak_mb},
          {"us_per_update", figures.us_per_update},
          {"us_per_update_p99", figures.us_per_update_p99},
          {"read_off", row.read_off},
          {"runs", row.runs},
          {"n_traces", row.traces},
          {"hours", row.hours}};
}

nlohmann::ordered_json kind_json(const KindResult& kind) {
  return {{"kind", kind.kind},
          {"n_traces", kind.segments},
          {"hours", kind.hours},
          {"slow_motion", kind.slow},
          {"vstar", kind.vstar},
          {"flat", kind.flat},
          {"disk_bytes_per_second", kind.disk_rate},
          {"late_bound_s_per_h", kind.late_bound}};
}

std::vector<std::string> cells_of(const Row& row) {
  const Figures& figures = row.figures;
  const double waste = figures.gb_read > 0 ? 100 * figures.gb_wasted / figures.gb_read : 0;
  return {row.kind,
          row.policy + (row.runs ? "" : " (none)"),
          text_of("%.2f", figures.cap),
          text_of("%.3g", figures.knob),
          text_of("%.1f", figures.late),
          text_of("%.1f", 100 * row.gain),
          text_of("%.1f", figures.late_wall),
          text_of("%.0f", figures.hitches),
          text_of("%.2f", figures.lateness_p999_ms / 1e3),
          text_of("%.1f", figures.gb_read),
          text_of("%.1f", waste),
          text_of("%.0f", figures.peak_mb),
          text_of("%.2f", figures.us_per_update)};
}

}  // namespace

nlohmann::ordered_json predict_json(const PredictReport& report) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Row& row : report.rows) rows.push_back(row_json(row));
  nlohmann::ordered_json kinds = nlohmann::ordered_json::array();
  for (const KindResult& kind : report.kinds) kinds.push_back(kind_json(kind));
  return {{"rows", rows},
          {"kinds", kinds},
          {"caps", predict::kCaps},
          {"traces", report.traces},
          {"train", report.train},
          {"model", report.model},
          {"grid", report.grid_seed},
          {"seed", report.seed},
          {"device", report.device.empty() ? "by rho" : report.device},
          {"rho", report.rho},
          {"notes", report.notes}};
}

std::string predict_text(const PredictReport& report) {
  std::string text;
  for (const KindResult& kind : report.kinds) {
    text += text_of("%s: %.2f h in %zu pieces, ", kind.kind.c_str(), kind.hours, kind.segments) +
            (kind.slow > 1 ? text_of("slowed down %g times, ", kind.slow) : "") +
            (kind.flat ? "flat, " : "in three dimensions, ") + "disk " +
            human_size({static_cast<std::uint64_t>(kind.disk_rate)}) + "/s" +
            text_of(", at least %.1f late s/h whoever reads\n", kind.late_bound);
  }
  Table table({"kind", "policy", "cap", "knob", "late s/h", "gain %", "wall s/h", "hitches/h",
               "p99.9 s", "GB/h", "vain %", "peak MB", "us/update"});
  for (const Row& row : report.rows) {
    const bool pooled = row.kind == predict::kPooled;
    if (row.read_off && (pooled || row.figures.cap == kShownCap)) table.add(cells_of(row));
  }
  return text + "\n" + table.text();
}

}  // namespace nf
