// What the runtime is measured against: the plainest loops that read the same runs and decode the
// same chunks. No order, no deadlines, no retries, no second thread that was not asked for; whoever
// is quicker than the slower of the two measures wrong.
//
// One owner. Throws BenchError where the machine refuses.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/load/load_world.h"
#include "bench/suite/clocks.h"
#include "core/base/pages.h"

namespace nf::bench {

struct PlainSample {
  double seconds = 0;
  ProcessTime cpu;
  std::vector<double> micros;  // of each container, where they were read one at a time
};

// Reads whole runs through liburing with O_DIRECT, 1 MiB at a time, into huge pages that are used
// in turn, `window` bytes in flight.
class PlainReader {
 public:
  PlainReader();
  ~PlainReader();
  PlainReader(const PlainReader&) = delete;
  PlainReader& operator=(const PlainReader&) = delete;

  PlainSample read(const LoadWorld& world, std::span<const std::uint32_t> order);
  // Each run alone, the next when it is there.
  PlainSample read_one_at_a_time(const LoadWorld& world, std::span<const std::uint32_t> order);
  // Into `into`, one run after the other, each at a multiple of 4 KiB; returns where each begins.
  std::vector<std::uint64_t> read_into(const LoadWorld& world, std::span<const std::uint32_t> order,
                                       std::span<std::byte> into);

 private:
  struct Ring;
  struct Piece {
    std::uint64_t at = 0;
    std::byte* into = nullptr;  // null: the next place in turn
    std::uint32_t size = 0;
  };
  std::vector<Piece> pieces_of(const LoadWorld& world, std::span<const std::uint32_t> order) const;
  void read_pieces(int file, std::span<const Piece> pieces);

  Ring* ring_;
  PageBlock memory_;
};

// Checks and decodes the chunks of `order`, whose stored bytes are in memory already, on `threads`
// threads, into huge pages that are used in turn.
class PlainDecoder {
 public:
  // Reads the stored bytes. `memory`: how many decoded bytes are used in turn.
  PlainDecoder(const LoadWorld& world, std::span<const std::uint32_t> order, Bytes memory,
               PlainReader& reader);
  PlainSample decode(std::uint32_t threads);

 private:
  void decode_from(std::uint32_t thread, std::uint32_t threads) const;

  const LoadWorld& world_;
  std::vector<std::uint32_t> order_;
  PageBlock stored_;
  std::vector<std::uint64_t> stored_at_;
  PageBlock raw_;
};

}  // namespace nf::bench
