// ImageContender: the tree as a file system image, made by a tool and mounted by the kernel.
//
// See contender.h. SquashFS and EROFS say only what differs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/contenders/contender.h"
#include "bench/contenders/image/mounted_image.h"

namespace nf::bench {

struct ImageSettings {
  std::string name;       // "SquashFS lz4, kernel"
  std::string file_name;  // "squashfs_lz4"
  const char* type = "";  // as the kernel knows it
  Backing backing = Backing::loop;
  std::string tool;     // "mksquashfs"
  std::string package;  // where it comes from
  // The tool's arguments; "{image}" and "{tree}" stand for the paths.
  std::vector<std::string> arguments;
};

std::unique_ptr<Contender> make_image(ImageSettings settings);

}  // namespace nf::bench
