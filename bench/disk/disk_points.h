// The points at which the disk suite measures: block sizes, depths, kinds of pages.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/pages.h"

namespace nf::bench {

struct DiskPoint {
  std::size_t block = 0;
  std::size_t depth = 0;
  PageKind pages = PageKind::huge;

  std::string name() const;  // "64 KiB x 16, huge pages"
};

// `look`: a few of them only.
std::vector<DiskPoint> disk_points(bool look);

// "64 KiB".
std::string block_text(std::size_t block);

}  // namespace nf::bench
