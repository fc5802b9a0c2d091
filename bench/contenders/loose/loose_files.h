// Loose files: each asset a file of the disk's own file system, opened, read with the page cache
// and closed. What every engine does in its editor.
//
// See contender.h.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

std::unique_ptr<Contender> make_loose_files();

}  // namespace nf::bench
