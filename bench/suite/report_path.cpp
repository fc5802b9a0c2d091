#include "bench/suite/report_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tools/nearfield/output_file.h"

namespace nf::bench {
namespace {

constexpr off_t kReportSizeMax = 64 << 20;

// Only what these programs write themselves is replaced.
bool is_document(const std::string& path, ReportKind kind) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return false;
  return kind == ReportKind::device ? document.contains("bytes_per_second")
                                    : document.contains("machine") && document.contains("results");
}

bool is_replaceable(const std::string& path, ReportKind kind, off_t size) {
  if (size == 0) return true;
  if (kind == ReportKind::page) {
    return wrong_output({.path = path, .kind = OutputKind::report}).empty();
  }
  return size <= kReportSizeMax && is_document(path, kind);
}

const char* name_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::json: return "a report of nearfield bench";
    case ReportKind::page: return "a page";
    case ReportKind::device: return "a device model";
  }
  return "";
}

}  // namespace

WrongPath wrong_report_path(const std::string& path, ReportKind kind) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    if (!is_folder(folder.string())) return {path + ": there is no folder " + folder.string()};
    if (path.back() == '/') return {path + " names a folder; name a file"};
    if (::access(folder.c_str(), W_OK) == 0) return {};
    return {.sentence = path + ": cannot be written", .machine_refused = true};
  }
  if (S_ISDIR(about.st_mode)) return {path + " is a folder; name a file"};
  if (::access(path.c_str(), W_OK) != 0) {
    return {.sentence = path + ": cannot be written", .machine_refused = true};
  }
  if (path.starts_with("/dev/") || !S_ISREG(about.st_mode)) return {};
  if (is_replaceable(path, kind, about.st_size)) return {};
  return {path + " exists and is not " + name_of(kind) + "; name another file"};
}

}  // namespace nf::bench
