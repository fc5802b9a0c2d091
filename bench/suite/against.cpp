#include "bench/suite/against.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/suite/report.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

using nlohmann::ordered_json;
using Key = std::pair<std::string, std::string>;  // suite; name, unit and reference

[[noreturn]] void refuse(const std::string& place, const std::string& why) {
  throw std::invalid_argument("not a report of nearfield bench: " + place + " " + why);
}

// A value of a report and where it stands in it: "results[2].ours".
struct Field {
  const ordered_json& value;
  std::string place;

  Field in(const char* name) const {
    const std::string there = place.empty() ? name : place + "." + name;
    if (!value.is_object()) refuse(place.empty() ? "the document" : place, "is not an object");
    const auto found = value.find(name);
    if (found == value.end()) refuse(there, "is missing");
    return {*found, there};
  }
  std::string text() const {
    if (!value.is_string()) refuse(place, "is no text");
    return value.get<std::string>();
  }
  double number() const {
    if (!value.is_number()) refuse(place, "is no number");
    return value.get<double>();
  }
};

std::vector<Field> figures_in(const ordered_json& report) {
  const Field results = Field{report, ""}.in("results");
  if (!results.value.is_array()) refuse(results.place, "is not an array");
  std::vector<Field> figures;
  for (std::size_t i = 0; i < results.value.size(); ++i) {
    figures.push_back({results.value[i], results.place + "[" + std::to_string(i) + "]"});
  }
  return figures;
}

Spread spread_in(const Field& figure, const char* side) {
  const Field found = figure.in(side);
  if (found.value.is_null() && std::string_view(side) != "ours") return {};
  return {.median = found.in("median").number(),
          .min = found.in("min").number(),
          .max = found.in("max").number()};
}

std::string reference_in(const Field& figure) {
  const Field reference = figure.in("reference");
  return reference.value.is_null() ? "" : reference.in("name").text();
}

// The name of a figure does not say against whom it was measured.
std::string name_in(const Field& figure) {
  const std::string reference = reference_in(figure);
  return figure.in("name").text() + (reference.empty() ? "" : " / " + reference);
}

Key key_of(const Field& figure) {
  return {figure.in("suite").text(), name_in(figure) + ", " + figure.in("unit").text()};
}

Change change_of(const Field& before, const Field& now) {
  const double rounds = std::min(before.in("rounds").number(), now.in("rounds").number());
  return {.suite = now.in("suite").text(),
          .name = name_in(now),
          .unit = now.in("unit").text(),
          .better = now.in("better").text() == "lower" ? Better::lower : Better::higher,
          .before = spread_in(before, "ours"),
          .now = spread_in(now, "ours"),
          .ratio_before = spread_in(before, "ratio"),
          .ratio_now = spread_in(now, "ratio"),
          .rounds = rounds >= 1 ? static_cast<std::uint64_t>(std::min(rounds, 1e9)) : 0};
}

// What one of the reports does not say is null.
ordered_json said_in(const ordered_json& report, const char* part, const char* name) {
  const Field values = Field{report, ""}.in(part);
  if (!values.value.is_object()) refuse(part, "is not an object");
  const auto found = values.value.find(name);
  return found == values.value.end() ? ordered_json(nullptr) : *found;
}

// The load differs always; of the rest, what does not bear on speed is left out.
std::vector<std::string> caveats_of(const ordered_json& before, const ordered_json& now) {
  std::vector<std::string> caveats;
  for (const char* fact : {"processor", "cores", "memory", "kernel", "disk", "file_system",
                           "huge_pages", "compiler", "commit"}) {
    const ordered_json a = said_in(before, "machine", fact);
    const ordered_json b = said_in(now, "machine", fact);
    if (a != b) caveats.push_back(std::string(fact) + " was " + a.dump() + ", is " + b.dump());
  }
  for (const char* setting : {"seconds", "rounds", "seed", "workers", "world"}) {
    const ordered_json a = said_in(before, "settings", setting);
    const ordered_json b = said_in(now, "settings", setting);
    if (a != b) {
      caveats.push_back("--" + std::string(setting) + " was " + a.dump() + ", is " + b.dump());
    }
  }
  return caveats;
}

std::string verdict_of(const Change& change) {
  if (change.rounds < 2) return "1 round: no ranges";
  const std::string what = change.paired() ? "ratios" : "ranges";
  if (!change.apart()) return "within the " + what;
  const double part = change.paired() ? change.ratio_part() : change.part();
  return ((part > 0) == (change.better == Better::higher) ? "BETTER, " : "WORSE, ") + what +
         " apart";
}

bool do_not_meet(const Spread& before, const Spread& now) {
  return now.min > before.max || now.max < before.min;
}

}  // namespace

double Change::part() const {
  return before.median != 0 ? now.median / before.median - 1 : 0;
}

double Change::ratio_part() const {
  return ratio_before.median != 0 ? ratio_now.median / ratio_before.median - 1 : 0;
}

bool Change::apart() const {
  if (rounds < 2) return false;
  return paired() ? do_not_meet(ratio_before, ratio_now) : do_not_meet(before, now);
}

Comparison compare(const ordered_json& before, const ordered_json& now) {
  Comparison comparison{.changes = {}, .gone = {}, .added = {}, .caveats = caveats_of(before, now)};
  const std::vector<Field> old_figures = figures_in(before);
  if (old_figures.empty()) refuse("results", "is empty");
  std::map<Key, const Field*> old;
  for (const Field& figure : old_figures) old[key_of(figure)] = &figure;
  for (const Field& figure : figures_in(now)) {
    const Key key = key_of(figure);
    const auto found = old.find(key);
    if (found == old.end()) {
      comparison.added.push_back(key.first + ": " + key.second);
      continue;
    }
    comparison.changes.push_back(change_of(*found->second, figure));
    old.erase(found);
  }
  for (const auto& [key, figure] : old) comparison.gone.push_back(key.first + ": " + key.second);
  return comparison;
}

std::string nothing_in_common(const ordered_json& before, const std::vector<std::string>& suites) {
  std::string held;
  for (const Field& figure : figures_in(before)) {
    const std::string suite = figure.in("suite").text();
    if (std::find(suites.begin(), suites.end(), suite) != suites.end()) return {};
    if (held.ends_with(suite)) continue;
    held += (held.empty() ? "" : ", ") + suite;
  }
  return "it has nothing in common with this run: it holds figures of " + held;
}

std::string text_of_comparison(const Comparison& comparison) {
  std::string text = "against the earlier run\n\n";
  if (comparison.changes.empty()) {
    text += "  nothing in common: no figure of one is in the other\n";
  }
  Table table({"figure", "unit", "before", "now", "change", "ratio before", "now", "change", ""});
  for (const Change& change : comparison.changes) {
    const bool paired = change.paired();
    table.add({change.suite + ": " + change.name, change.unit, spread_text(change.before),
               spread_text(change.now), text_of("%+.1f %%", change.part() * 100),
               paired ? spread_text(change.ratio_before) : "",
               paired ? spread_text(change.ratio_now) : "",
               paired ? text_of("%+.1f %%", change.ratio_part() * 100) : "", verdict_of(change)});
  }
  if (!comparison.changes.empty()) text += table.text() + "\n";
  for (const std::string& caveat : comparison.caveats) text += "  differs: " + caveat + "\n";
  for (const std::string& name : comparison.gone) text += "  only before: " + name + "\n";
  for (const std::string& name : comparison.added) text += "  only now: " + name + "\n";
  return text;
}

}  // namespace nf::bench
