// Tables of ../shared/data/worlds, which real packages are checked against where that folder is
// there. Plain functions.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "formats/pack/check_source.h"
#include "formats/pack/source_world.h"

namespace nf {

using ReferenceRow = std::map<std::string, std::string>;  // by column

inline std::string reference_path(const std::string& name) {
  return std::string(NF_SOURCE_DIR) + "/../shared/data/worlds/" + name;
}

// The next line without its end, which is that of either system.
inline bool next_line(std::ifstream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

// No field before the last has a comma or a quote in it.
inline std::vector<ReferenceRow> read_reference(const std::string& name) {
  std::vector<ReferenceRow> rows;
  std::ifstream in(reference_path(name));
  std::string line;
  next_line(in, line);
  std::vector<std::string> columns;
  std::stringstream header(line);
  for (std::string column; std::getline(header, column, ',');) columns.push_back(column);
  while (next_line(in, line)) {
    ReferenceRow row;
    std::stringstream stream(line);
    std::string field;
    for (std::size_t i = 0; i < columns.size() && std::getline(stream, field, ','); ++i)
      row[columns[i]] = field;
    rows.push_back(std::move(row));
  }
  return rows;
}

inline double number_of(const ReferenceRow& row, const std::string& column) {
  return std::stod(row.at(column));
}

inline std::map<std::string, std::uint32_t> containers_by_path(const SourceWorld& world) {
  std::map<std::string, std::uint32_t> by_path;
  for (std::uint32_t i = 0; i < world.containers.size(); ++i) by_path[source_path(world, i)] = i;
  return by_path;
}

}  // namespace nf
