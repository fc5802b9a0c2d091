// MPQ version 4 with zlib, by StormLib: an archive made for games, read in sectors; a handle for
// each requester, as the library is not to be shared between threads.
//
// See contender.h; compiled where StormLib is.
#pragma once

#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

std::unique_ptr<Contender> make_mpq();

}  // namespace nf::bench
