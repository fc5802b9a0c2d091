// Three ways to check and decode the chunks of a set, over and over: the libraries in the shortest
// loop there is, our ChunkDecoder, and our DecodePool.
//
// The caller's thread; the plain loop on several workers and the pool run threads of their own and
// leave none behind.
#pragma once

#include <cstdint>
#include <span>

#include "bench/codec/chunk_set.h"

namespace nf::bench {

struct DecodeSample {
  std::uint64_t raw_bytes = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of the whole process

  double megabytes_per_second() const { return static_cast<double>(raw_bytes) * 1e-6 / seconds; }
  double cpu_per_gigabyte() const { return cpu_seconds / (static_cast<double>(raw_bytes) * 1e-9); }
};

struct DecodeWork {
  const ChunkSet* set = nullptr;
  std::span<std::byte> raw;  // set->raw_total bytes; reused, so its pages are there
  double seconds = 0;        // 0: every chunk once
  std::uint32_t workers = 1;
};

// All throw BenchError if a chunk is refused. Those with seconds 0 leave the whole set decoded.
DecodeSample decode_plainly(const DecodeWork& work);
DecodeSample decode_with_ours(const DecodeWork& work);  // on this thread, whatever `workers` is
DecodeSample decode_with_pool(const DecodeWork& work);

// The stored bytes alone: a sum of their words, which is what reading them costs, and our hash.
DecodeSample sum_plainly(const DecodeWork& work);
DecodeSample hash_with_ours(const DecodeWork& work);

}  // namespace nf::bench
