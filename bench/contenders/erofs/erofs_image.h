// EROFS with LZ4-HC, read by the kernel from the image file itself where it can.
//
// See contender.h; needs root, and mkfs.erofs to make the image.
#pragma once

#include <memory>

#include <nearfield/types.h>

#include "bench/contenders/contender.h"

namespace nf::bench {

// `cluster` is how many stored bytes are compressed as one at most, a multiple of 4 KiB.
std::unique_ptr<Contender> make_erofs(Bytes cluster);

}  // namespace nf::bench
