#include "formats/archive/piece_reader.h"

#include <algorithm>
#include <new>
#include <system_error>

namespace nf {
namespace {

// Less is read before a thread has started.
constexpr std::size_t kPiecesForThread = 8;

}  // namespace

PieceReader::PieceReader(const ByteSource& source, std::span<const Stretch> stretches)
    : source_(source) {
  std::size_t largest = 0;
  for (const Stretch& stretch : stretches) {
    const std::size_t piece_max = kPieceSize / stretch.granule * stretch.granule;
    for (std::uint64_t done = 0; done < stretch.size;) {
      const std::size_t size = std::min<std::uint64_t>(piece_max, stretch.size - done);
      const bool to_buffer = stretch.whole.empty();
      pieces_.push_back(
          {.at = stretch.at + done,
           .size = size,
           .into = to_buffer ? std::span<std::byte>() : stretch.whole.subspan(done, size)});
      if (to_buffer) largest = std::max(largest, size);
      done += size;
    }
  }
  const bool threaded = pieces_.size() >= kPiecesForThread;
  buffers_count_ = threaded ? kBuffers : 1;
  for (std::size_t i = 0; i < buffers_count_; ++i) {
    Result<Array<std::byte>> buffer = Array<std::byte>::make(largest);
    if (!buffer) {
      out_of_memory_ = buffer.error();
      return;
    }
    buffers_[i] = std::move(*buffer);
  }
  if (!threaded) return;
  try {
    thread_ = std::thread([this] { read_all(); });
  } catch (const std::system_error&) {
    return;  // the caller reads
  }
}

PieceReader::~PieceReader() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::span<std::byte> PieceReader::memory_of(std::size_t piece) {
  const Piece& wanted = pieces_[piece];
  if (!wanted.into.empty()) return wanted.into;
  return buffers_[piece % buffers_count_].span().first(wanted.size);
}

void PieceReader::read_all() {
  for (std::size_t piece = 0; piece < pieces_.size(); ++piece) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || piece < done_ + kBuffers; });
      if (stop_) return;
    }
    const Error error = source_.read(pieces_[piece].at, memory_of(piece));
    {
      const std::lock_guard lock(mutex_);
      error_ = error;
      read_ += error ? 0 : 1;
    }
    changed_.notify_all();
    if (error) return;
  }
}

Result<std::span<const std::byte>> PieceReader::next() {
  if (out_of_memory_) return out_of_memory_;
  NF_ASSERT(taken_ < pieces_.size());
  const std::size_t piece = taken_++;
  const std::span<std::byte> bytes = memory_of(piece);
  if (!thread_.joinable()) {
    if (const Error error = source_.read(pieces_[piece].at, bytes)) return error;
    return std::span<const std::byte>(bytes);
  }
  std::unique_lock lock(mutex_);
  done_ = piece;
  changed_.notify_all();
  changed_.wait(lock, [&] { return read_ > piece || error_; });
  if (read_ <= piece) return error_;
  return std::span<const std::byte>(bytes);
}

}  // namespace nf
