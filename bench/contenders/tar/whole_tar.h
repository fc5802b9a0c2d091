// Whole-container tar: a file for each container, its assets one behind the other, read whole with
// the page cache. The simplest packed form, and the fastest of the buffered ones.
//
// See contender.h.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

std::unique_ptr<Contender> make_whole_tar();

}  // namespace nf::bench
