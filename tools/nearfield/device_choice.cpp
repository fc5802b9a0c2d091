#include "tools/nearfield/device_choice.h"

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

}  // namespace nf
