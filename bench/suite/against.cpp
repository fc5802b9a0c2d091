#include "bench/suite/against.h"

#include <map>
#include <stdexcept>
#include <utility>

#include "bench/suite/report.h"
#include "tools/nearfield/output.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

using nlohmann::ordered_json;
using Key = std::pair<std::string, std::string>;  // suite and name, with the unit

Spread spread_in(const ordered_json& figure, const char* side) {
  const ordered_json& found = figure.at(side);
  if (found.is_null()) return {};
  return {.median = found.at("median").get<double>(),
          .min = found.at("min").get<double>(),
          .max = found.at("max").get<double>()};
}

Key key_of(const ordered_json& figure) {
  return {figure.at("suite").get<std::string>(),
          figure.at("name").get<std::string>() + ", " + figure.at("unit").get<std::string>()};
}

Change change_of(const ordered_json& before, const ordered_json& now) {
  return {.suite = now.at("suite").get<std::string>(),
          .name = now.at("name").get<std::string>(),
          .unit = now.at("unit").get<std::string>(),
          .better = now.at("better") == "lower" ? Better::lower : Better::higher,
          .before = spread_in(before, "ours"),
          .now = spread_in(now, "ours"),
          .ratio_before = spread_in(before, "ratio"),
          .ratio_now = spread_in(now, "ratio")};
}

// The load differs always; of the rest, what does not bear on speed is left out.
std::vector<std::string> caveats_of(const ordered_json& before, const ordered_json& now) {
  std::vector<std::string> caveats;
  for (const char* fact : {"processor", "cores", "memory", "kernel", "disk", "file_system",
                           "huge_pages", "compiler"}) {
    const ordered_json& a = before.at("machine").at(fact);
    const ordered_json& b = now.at("machine").at(fact);
    if (a != b) caveats.push_back(std::string(fact) + " was " + a.dump() + ", is " + b.dump());
  }
  for (const char* setting : {"seconds", "rounds", "seed", "workers", "world"}) {
    const ordered_json& a = before.at("settings").at(setting);
    const ordered_json& b = now.at("settings").at(setting);
    if (a != b) {
      caveats.push_back("--" + std::string(setting) + " was " + a.dump() + ", is " + b.dump());
    }
  }
  return caveats;
}

Comparison compare_documents(const ordered_json& before, const ordered_json& now) {
  Comparison comparison{.changes = {}, .gone = {}, .added = {}, .caveats = caveats_of(before, now)};
  std::map<Key, const ordered_json*> old;
  for (const ordered_json& figure : before.at("results")) old[key_of(figure)] = &figure;
  for (const ordered_json& figure : now.at("results")) {
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

std::string verdict_of(const Change& change) {
  if (!change.apart()) return "within the ranges";
  const bool more = change.now.median > change.before.median;
  return more == (change.better == Better::higher) ? "BETTER, ranges apart" : "WORSE, ranges apart";
}

}  // namespace

double Change::part() const {
  return before.median != 0 ? now.median / before.median - 1 : 0;
}

bool Change::apart() const {
  return now.min > before.max || now.max < before.min;
}

Comparison compare(const ordered_json& before, const ordered_json& now) {
  try {
    return compare_documents(before, now);
  } catch (const nlohmann::json::exception& error) {
    throw std::invalid_argument(std::string("not a report of nearfield bench: ") + error.what());
  }
}

std::string text_of_comparison(const Comparison& comparison) {
  std::string text = "against the earlier run\n\n";
  Table table({"figure", "unit", "before", "now", "change", "ratio before", "now", ""});
  for (const Change& change : comparison.changes) {
    const bool paired = change.ratio_before.median != 0 && change.ratio_now.median != 0;
    table.add({change.suite + ": " + change.name, change.unit, spread_text(change.before),
               spread_text(change.now), text_of("%+.1f %%", change.part() * 100),
               paired ? number_text(change.ratio_before.median) : "",
               paired ? number_text(change.ratio_now.median) : "", verdict_of(change)});
  }
  text += table.text() + "\n";
  for (const std::string& caveat : comparison.caveats) text += "  differs: " + caveat + "\n";
  for (const std::string& name : comparison.gone) text += "  only before: " + name + "\n";
  for (const std::string& name : comparison.added) text += "  only now: " + name + "\n";
  return text;
}

}  // namespace nf::bench
