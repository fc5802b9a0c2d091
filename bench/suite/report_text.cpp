#include <cmath>

#include "bench/suite/headline_notes.h"
#include "bench/suite/report.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {

std::string number_text(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 999.5) {
    return (value < 0 ? "-" : "") + grouped(static_cast<std::uint64_t>(std::llround(size)));
  }
  if (size >= 99.95 || size == 0) return text_of("%.0f", value);
  if (size >= 9.995) return text_of("%.1f", value);
  return size >= 0.1 ? text_of("%.2f", value) : text_of("%.2g", value);
}

std::string spread_text(const Spread& spread) {
  return number_text(spread.median) + " [" + number_text(spread.min) + ".." +
         number_text(spread.max) + "]";
}

std::string text_of_suite(const SuiteReport& suite) {
  const SuiteResult& result = suite.result;
  std::string text = result.suite + ": " + suite.question + "\n\n";
  if (!result.figures.empty()) {
    Table table({"figure", "unit", "ours", "reference", "", "ratio"});
    for (const Figure& figure : result.figures) {
      const bool paired = !figure.reference.empty();
      table.add({figure.name, figure.unit, spread_text(spread_of(figure.ours)),
                 paired ? spread_text(spread_of(figure.reference)) : "",
                 figure.reference_name + (figure.reference_is_constant ? ", a constant" : ""),
                 paired ? spread_text(spread_of(ratios_of(figure))) : ""});
    }
    text += table.text() + "\n";
  }
  for (const auto& [name, median] : result.headlines) {
    text += "  " + name + text_of(" %.6g\n", median);
    const std::string note = headline_note(result, name);
    if (!note.empty()) text += "      " + note + "\n";
  }
  for (const std::string& note : result.notes) text += "  note: " + note + "\n";
  if (!suite.refused.empty()) text += "  refused: " + suite.refused + "\n";
  return text + "\n";
}

}  // namespace nf::bench
