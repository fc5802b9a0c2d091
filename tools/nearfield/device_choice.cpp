#include "tools/nearfield/device_choice.h"

#include <nlohmann/json.hpp>

#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

std::string wrong_device(const DeviceQuestion& question) {
  std::string known = question.real ? "real, " : "";
  for (const DeviceModel& model : device_models()) known += std::string(model.name) + ", ";
  return "there is no device '" + question.name + "'; there are " + known + "or a FILE.json" +
         (question.name == "real" ? ", which `nearfield bench disk --model` makes of this one"
                                  : "");
}

}  // namespace

ChosenDevice choose_device(const DeviceQuestion& question, Console& console) {
  ChosenDevice chosen;
  const std::string& name = question.name;
  if (question.real && name == "real") return chosen;
  if (names_device_file(name)) {
    std::string detail;
    const Result<DeviceFile> file = read_device_file(name, detail);
    if (file) {
      chosen.file = *file;
      chosen.model = file->model;
    } else {
      chosen.code = console.fail(file.error(), sentence_of("device", name, detail, file.error()));
    }
  } else if (const DeviceModel* known = find_device_model(name); known != nullptr) {
    chosen.model = *known;
  } else {
    chosen.code = console.fail(ExitCode::wrong_use, question.verb + ": " + wrong_device(question));
  }
  return chosen;
}

ExitCode list_devices(const DeviceQuestion& question, Console& console) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  Table table({"device", "MB/s", "latency p50", "p99", "reads at once"});
  if (question.real) table.add({"real", "-", "-", "-", "-"});
  for (const DeviceModel& model : device_models()) {
    const double p50 = model.latency_p50.seconds() * 1e3, p99 = model.latency_p99.seconds() * 1e3;
    list.push_back({{"name", model.name},
                    {"bytes_per_second", model.bytes_per_second},
                    {"latency_ms_p50", p50},
                    {"latency_ms_p99", p99},
                    {"parallel", model.parallel}});
    table.add({model.name, text_of("%.0f", model.bytes_per_second * 1e-6), text_of("%.2f ms", p50),
               text_of("%.2f ms", p99), std::to_string(model.parallel)});
  }
  if (console.is_json()) {
    console.print_json({{"devices", list}});
  } else {
    console.print(table.text());
  }
  return ExitCode::done;
}

}  // namespace nf
