// Zip by PhysFS, the virtual file system of many games: one search path for the whole process.
//
// See contender.h; compiled where PhysFS and libzip (which makes the archive) are.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"
#include "bench/contenders/zip/zip_archive.h"

namespace nf::bench {

std::unique_ptr<Contender> make_physfs(ZipMethod method);

}  // namespace nf::bench
