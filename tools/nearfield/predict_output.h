// What `nearfield predict` says: as text, as JSON and as a page with curves.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/nearfield/output.h"
#include "tools/predict/frontier.h"

namespace nf {

struct PredictReport {
  std::string traces;  // the folder
  std::string train;   // likewise, of what was learnt from; empty: nothing was
  std::string model;   // empty: none
  std::string device;  // empty: made by rho
  double rho = 0.9;
  std::uint64_t grid_seed = 1;
  std::uint64_t seed = 1;
  std::vector<predict::KindResult> kinds;
  std::vector<predict::Row> rows;  // of kinds, then pooled
  std::vector<std::string> notes;  // sentences
};

// A number for each row: names are a contract with scripts.
nlohmann::ordered_json predict_json(const PredictReport& report);
std::string predict_text(const PredictReport& report);
std::string predict_page(const PredictReport& report);

}  // namespace nf
