// SquashFS, read by the kernel from a loop device.
//
// See contender.h; needs root, and mksquashfs to make the image.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

enum class SquashfsCodec : std::uint8_t { lz4, zstd };

std::unique_ptr<Contender> make_squashfs(SquashfsCodec codec);

}  // namespace nf::bench
