// Stored raw: containers as they are, each from a multiple of 4 KiB on, read by the barest loop
// that there is: O_DIRECT, io_uring, huge pages, a window of 4 MiB. No file system's cache, no
// codec, no check. The strongest alternative to compressing at all.
//
// See contender.h. One thread keeps the ring for all requesters.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

// `asked_ahead` as in ContenderFacts.
std::unique_ptr<Contender> make_stored_raw(std::uint32_t asked_ahead);

}  // namespace nf::bench
