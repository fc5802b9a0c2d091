// What --device of `fly` and --disk of `pack` name: a simulated disk, or the file of a measured
// one.
//
// Main thread; complains on the console.
#pragma once

#include <optional>
#include <string>

#include "tools/nearfield/device_file.h"
#include "tools/nearfield/output.h"

namespace nf {

struct ChosenDevice {
  std::optional<DeviceFile> file;    // if it is one of a file
  std::optional<DeviceModel> model;  // none: the real one
  ExitCode code = ExitCode::done;
};

// `real`: whether "real" is an answer; `verb` begins the sentence if there is no such device.
struct DeviceQuestion {
  std::string name;
  std::string verb;
  bool real = true;
};
// Those that have a name, as a table.
ExitCode list_devices(const DeviceQuestion& question, Console& console);
ChosenDevice choose_device(const DeviceQuestion& question, Console& console);

}  // namespace nf
