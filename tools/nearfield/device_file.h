// Device file: a disk that was measured, as `nearfield bench disk --model FILE` writes it and
// `nearfield fly --device FILE` reads it. JSON with the fields of DeviceModel.
//
// Any thread; the caller owns everything. Hostile files get a sentence, and never more memory than
// 64 KiB.
#pragma once

#include <string>

#include <nearfield/result.h>

#include "core/io/sim_device.h"

namespace nf {

struct DeviceFile {
  std::string name;           // for people
  DeviceModel model;          // its own name is empty: it would point into this struct
  Bytes reads_in_flight_max;  // the least window that reaches the full rate; 0: not known
};

// True for what --device takes as a file rather than as the name of a model: it ends in ".json".
bool names_device_file(const std::string& device);

// On failure `detail` is a sentence without the path.
Result<DeviceFile> read_device_file(const std::string& path, std::string& detail);
Result<DeviceFile> parse_device_file(const std::string& text, std::string& detail);
Result<void> write_device_file(const std::string& path, const DeviceFile& file);

}  // namespace nf
