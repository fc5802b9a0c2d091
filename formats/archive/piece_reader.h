// PieceReader: stretches of an archive, one after the other in pieces, read by a thread of its own
// while the pieces before are looked at.
//
// Thread: the caller's; its own thread only reads, and has ended when the destructor returns. Where
// there is little to read or no thread to be had, the caller reads. Memory: a few pieces, or the
// caller's where a stretch says so.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <nearfield/result.h>

#include "core/base/array.h"
#include "formats/archive/byte_source.h"

namespace nf {

class PieceReader {
 public:
  static constexpr std::size_t kPieceSize = std::size_t{2} << 20;

  struct Stretch {
    std::uint64_t at = 0;
    std::uint64_t size = 0;
    std::size_t granule = 1;     // no piece ends within one
    std::span<std::byte> whole;  // where it is read to at full length; empty: piece by piece
  };

  PieceReader(const ByteSource& source, std::span<const Stretch> stretches);
  PieceReader(const PieceReader&) = delete;
  PieceReader& operator=(const PieceReader&) = delete;
  ~PieceReader();

  // The next piece, until the call after this one. All pieces of the stretches are asked for in
  // their order, and none after an error.
  Result<std::span<const std::byte>> next();

 private:
  static constexpr std::size_t kBuffers = 4;

  struct Piece {
    std::uint64_t at = 0;
    std::size_t size = 0;
    std::span<std::byte> into;  // empty: a buffer
  };

  std::span<std::byte> memory_of(std::size_t piece);
  void read_all();

  const ByteSource& source_;
  std::vector<Piece> pieces_;
  std::size_t taken_ = 0;
  std::array<Array<std::byte>, kBuffers> buffers_;
  std::size_t buffers_count_ = 0;
  Error out_of_memory_;

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t read_ = 0;  // pieces, by the thread
  std::size_t done_ = 0;  // pieces whose buffers are free again
  bool stop_ = false;
  Error error_;  // of piece `read_`
};

}  // namespace nf
