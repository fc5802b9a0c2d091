#include "tools/nearfield/device_file.h"

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "formats/import/file_bytes.h"
#include "tools/nearfield/text_file.h"

namespace nf {
namespace {

using nlohmann::ordered_json;

constexpr Bytes kFileSizeMax = {64u << 10};
constexpr std::size_t kNameMax = 100;

struct Field {
  const char* name;
  double least;
  double most;
  bool required;
};
constexpr Field kRate{"bytes_per_second", 1e3, 1e13, true};
constexpr Field kLatency{"latency_us_p50", 0.001, 1e8, true};
constexpr Field kLatencyHigh{"latency_us_p99", 0.001, 1e8, true};
constexpr Field kParallel{"parallel", 1, 4096, true};
constexpr Field kAdjacent{"adjacent_latency", 0, 1, false};
constexpr Field kInFlight{"reads_in_flight_max", 4096, 1e9, false};
constexpr const char* kName = "name";

// Takes the fields of a document one by one, and knows what is wrong with it.
class Reader {
 public:
  explicit Reader(const ordered_json& document) : document_(document) {}

  double number(const Field& field, double absent) {
    const auto found = document_.find(field.name);
    if (found == document_.end()) {
      if (field.required) wrong(std::string(field.name) + " is missing");
      return absent;
    }
    if (!found->is_number()) {
      wrong(std::string(field.name) + " is not a number");
      return absent;
    }
    const double value = found->get<double>();
    if (!(value >= field.least && value <= field.most)) {
      wrong(std::string(field.name) + " is out of its range");
      return absent;
    }
    return value;
  }

  std::string name() {
    const auto found = document_.find(kName);
    if (found == document_.end()) return "measured";
    if (!found->is_string() || found->get_ref<const std::string&>().size() > kNameMax) {
      wrong("name is not a short text");
      return "";
    }
    return found->get<std::string>();
  }

  // A field that nobody reads is a slip of the pen: the disk would be another than meant.
  void refuse_unknown() {
    for (const auto& [key, value] : document_.items()) {
      bool known = key == kName;
      for (const Field& field : {kRate, kLatency, kLatencyHigh, kParallel, kAdjacent, kInFlight}) {
        known = known || key == field.name;
      }
      if (!known) wrong("there is no field '" + key.substr(0, kNameMax) + "'");
    }
  }

  void wrong(const std::string& sentence) {
    if (wrong_.empty()) wrong_ = sentence;
  }
  const std::string& what_is_wrong() const { return wrong_; }

 private:
  const ordered_json& document_;
  std::string wrong_;
};

constexpr const char* kReport =
    "is a report of nearfield bench, not a model: `nearfield bench disk --model FILE` writes one";

bool is_report(const ordered_json& document) {
  return document.contains("machine") && document.contains("results");
}

// A report begins with the machine, whatever its size.
bool begins_as_report(const std::string& path) {
  std::string ignored;
  const Result<std::vector<std::byte>> bytes = read_file_front(path, {64}, ignored);
  if (!bytes) return false;
  std::string head(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  std::erase_if(head, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return head.starts_with("{\"machine\":");
}

Duration microseconds(double us) {
  return Duration{std::max<std::int64_t>(std::llround(us * 1e3), 1)};
}

}  // namespace

bool names_device_file(const std::string& device) {
  return device.ends_with(".json");
}

Result<DeviceFile> parse_device_file(const std::string& text, std::string& detail) {
  const ordered_json document = ordered_json::parse(text, nullptr, false);
  if (!document.is_object()) {
    detail = "is not a JSON object; `nearfield bench disk --model FILE` writes one";
    return Error{.code = ErrorCode::source_malformed};
  }
  if (is_report(document)) {
    detail = kReport;
    return Error{.code = ErrorCode::source_malformed};
  }
  Reader reader(document);
  DeviceFile file;
  file.name = reader.name();
  file.model.bytes_per_second = reader.number(kRate, 1e9);
  file.model.latency_p50 = microseconds(reader.number(kLatency, 1));
  file.model.latency_p99 = microseconds(reader.number(kLatencyHigh, 1));
  file.model.parallel = static_cast<std::uint32_t>(reader.number(kParallel, 1));
  file.model.adjacent_latency = reader.number(kAdjacent, 1);
  file.reads_in_flight_max = {static_cast<std::uint64_t>(reader.number(kInFlight, 0))};
  if (file.model.latency_p99 < file.model.latency_p50) {
    reader.wrong("latency_us_p99 is less than latency_us_p50");
  }
  reader.refuse_unknown();
  if (!reader.what_is_wrong().empty()) {
    detail = reader.what_is_wrong();
    return Error{.code = ErrorCode::source_malformed};
  }
  return file;
}

Result<DeviceFile> read_device_file(const std::string& path, std::string& detail) {
  const Result<std::vector<std::byte>> bytes = read_file(path, kFileSizeMax, detail);
  if (!bytes && bytes.error().code == ErrorCode::limit_exceeded) {
    detail = begins_as_report(path) ? kReport : "is longer than any model of a disk";
    return Error{.code = ErrorCode::source_malformed};
  }
  if (!bytes) {
    detail.clear();
    return bytes.error();
  }
  return parse_device_file({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, detail);
}

Result<void> write_device_file(const std::string& path, const DeviceFile& file) {
  const ordered_json document = {{kName, file.name},
                                 {kRate.name, std::round(file.model.bytes_per_second)},
                                 {kLatency.name, file.model.latency_p50.seconds() * 1e6},
                                 {kLatencyHigh.name, file.model.latency_p99.seconds() * 1e6},
                                 {kParallel.name, file.model.parallel},
                                 {kAdjacent.name, file.model.adjacent_latency},
                                 {kInFlight.name, file.reads_in_flight_max.value}};
  return write_text_file(
      path, document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace nf
