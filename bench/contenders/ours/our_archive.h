// Ours: the same containers as an archive, packed by the packer and loaded by a Streamer: N
// requesters have N pins on their way, or six whoever asks.
//
// See contender.h. The suite's thread owns the Streamer and stands for all requesters. Slices do
// not go through the Streamer, which knows whole containers only: a SliceReader reads, checks and
// decodes the chunks that hold them, by direct reads.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/contenders/contender.h"
#include "formats/pack/pack.h"

namespace nf::bench {

struct OurSettings {
  CodecChoice codec = CodecChoice::lz4;
  std::uint32_t chunk_size = 0;      // 0: the packer's own
  std::uint32_t asked_ahead = 0;     // as in ContenderFacts
  std::uint32_t decode_workers = 0;  // 0: as a Streamer comes
};

std::unique_ptr<Contender> make_ours(const OurSettings& settings);

}  // namespace nf::bench
