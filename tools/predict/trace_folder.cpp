// The half of segments.h that reads folders and files.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tools/predict/segments.h"

namespace nf::predict {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kIndexSizeMax = 64u << 20;

Error refuse(std::string& detail, ErrorCode code, std::string sentence) {
  detail = std::move(sentence);
  return {.code = code};
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

// A name in an index is a file below the folder, and nothing else.
bool stays_below(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

struct IndexColumns {
  std::size_t file = 0, kind = 0, group = 0, vmax = 0;
};

Result<IndexColumns> columns_of(const std::string& heading, std::string& detail) {
  const std::vector<std::string> names = fields_of(heading);
  IndexColumns columns;
  const auto find = [&](const char* name, std::size_t& column) {
    const auto found = std::find(names.begin(), names.end(), name);
    column = static_cast<std::size_t>(found - names.begin());
    return found != names.end();
  };
  if (find("file", columns.file) && find("kind", columns.kind) && find("group", columns.group) &&
      find("vmax", columns.vmax)) {
    return columns;
  }
  return refuse(detail, ErrorCode::source_malformed,
                "index.csv:1: the heading must name file, kind, group and vmax");
}

Result<std::vector<TraceFile>> read_index(const fs::path& folder, std::string& detail) {
  std::ifstream file(folder / "index.csv", std::ios::binary);
  std::string line;
  if (!std::getline(file, line)) {
    return refuse(detail, ErrorCode::file_read_failed, "index.csv: cannot be read, or is empty");
  }
  const auto without_return = [&] {
    if (line.ends_with('\r')) line.pop_back();
  };
  without_return();
  const Result<IndexColumns> columns = columns_of(line, detail);
  if (!columns) return columns.error();
  const std::size_t last = std::max({columns->file, columns->kind, columns->group, columns->vmax});
  std::vector<TraceFile> found;
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    without_return();
    if (line.empty()) continue;
    const std::vector<std::string> fields = fields_of(line);
    const std::string where = "index.csv:" + std::to_string(number) + ": ";
    if (fields.size() <= last || !stays_below(fields[columns->file]) ||
        fields[columns->kind].empty()) {
      return refuse(detail, ErrorCode::source_malformed,
                    where + "a line names a file below this folder, its kind, group and vmax");
    }
    double vmax = 0;
    const std::string& word = fields[columns->vmax];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), vmax);
    if (error != std::errc{} || end != word.data() + word.size() || !(vmax >= 0) ||
        !std::isfinite(vmax)) {
      return refuse(detail, ErrorCode::source_malformed, where + "vmax is no speed");
    }
    found.push_back({.path = (folder / fields[columns->file]).string(),
                     .kind = fields[columns->kind],
                     .group = fields[columns->group],
                     .vmax = vmax});
  }
  return found;
}

void add_folder(const fs::path& folder, std::vector<TraceFile>& found) {
  std::error_code error;
  const fs::path name = folder.has_filename() ? folder : folder.parent_path();
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".csv" || !entry.is_regular_file(error)) continue;
    found.push_back({.path = entry.path().string(),
                     .kind = fs::absolute(name).lexically_normal().filename().string(),
                     .group = entry.path().filename().string(),
                     .vmax = 0});
  }
}

std::vector<TraceFile> look_around(const fs::path& folder) {
  std::vector<TraceFile> found;
  add_folder(folder, found);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) add_folder(entry.path(), found);
  }
  return found;
}

}  // namespace

Result<std::vector<TraceFile>> list_traces(const std::string& folder,
                                           const std::vector<std::string>& kinds,
                                           std::string& detail) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return refuse(detail, ErrorCode::not_found, "there is no such folder");
  }
  std::vector<TraceFile> found;
  if (fs::exists(fs::path(folder) / "index.csv", error)) {
    if (fs::file_size(fs::path(folder) / "index.csv", error) > kIndexSizeMax || error) {
      return refuse(detail, ErrorCode::limit_exceeded, "index.csv is larger than 64 MiB");
    }
    Result<std::vector<TraceFile>> index = read_index(folder, detail);
    if (!index) return index.error();
    found = std::move(*index);
  } else {
    found = look_around(folder);
  }
  for (const std::string& kind : kinds) {
    if (std::none_of(found.begin(), found.end(),
                     [&](const TraceFile& file) { return file.kind == kind; })) {
      return refuse(detail, ErrorCode::not_found, "there are no traces of the kind '" + kind + "'");
    }
  }
  std::erase_if(found, [&](const TraceFile& file) {
    return !kinds.empty() && std::find(kinds.begin(), kinds.end(), file.kind) == kinds.end();
  });
  if (found.empty()) return refuse(detail, ErrorCode::not_found, "there is no trace in it");
  std::sort(found.begin(), found.end(), [](const TraceFile& a, const TraceFile& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.path < b.path;
  });
  return found;
}

Result<KindTraces> load_kind(const std::vector<TraceFile>& files, std::string& detail) {
  std::vector<RecordedTrace> traces;
  for (const TraceFile& file : files) {
    Result<std::vector<TracePoint>> points = read_trace(file.path, detail);
    if (!points) {
      detail = file.path + ": " + detail;
      return points.error();
    }
    traces.push_back({.file = file, .points = std::move(*points)});
  }
  return cut_traces(std::move(traces));
}

}  // namespace nf::predict
