#include "bench/load/plain_loads.h"

#include <liburing.h>
#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "bench/suite/suite.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"

namespace nf::bench {
namespace {

constexpr std::uint32_t kReadSize = 1u << 20;
constexpr std::uint32_t kDepth = 4;    // 4 MiB in flight reach the full rate
constexpr std::uint32_t kPlaces = 16;  // of kReadSize, used in turn
constexpr unsigned kEntries = 64;

PageBlock map(std::uint64_t size) {
  Result<PageBlock> pages = PageBlock::map(Bytes{align_up(size, 2ull << 20)}, PageKind::huge);
  if (!pages) throw BenchError("there is no memory for the buffers of the plain loops");
  std::memset(pages->bytes().data(), 1, pages->bytes().size());
  return std::move(*pages);
}

template <class Work>
PlainSample timed(Work work) {
  PlainSample sample;
  const ProcessTime cpu_before = process_time();
  const double begin = wall_seconds();
  work(sample);
  sample.seconds = wall_seconds() - begin;
  const ProcessTime cpu = process_time();
  sample.cpu = {.user = cpu.user - cpu_before.user, .system = cpu.system - cpu_before.system};
  return sample;
}

}  // namespace

// ---- PlainReader ----

struct PlainReader::Ring {
  io_uring ring{};
};

PlainReader::PlainReader() : ring_(new Ring), memory_(map(std::uint64_t{kPlaces} * kReadSize)) {
  if (::io_uring_queue_init(kEntries, &ring_->ring, 0) == 0) return;
  delete ring_;
  throw BenchError("io_uring is not permitted here, so there is no plain loop to compare with");
}

PlainReader::~PlainReader() {
  ::io_uring_queue_exit(&ring_->ring);
  delete ring_;
}

std::vector<PlainReader::Piece> PlainReader::pieces_of(const LoadWorld& world,
                                                       std::span<const std::uint32_t> order) const {
  std::vector<Piece> pieces;
  for (const std::uint32_t id : order) {
    const std::uint64_t at = world.tables().containers.run_at[id].value;
    const std::uint64_t size = LoadWorld::fetched_size(world.tables().containers.run_size[id]);
    for (std::uint64_t from = 0; from < size; from += kReadSize) {
      const std::uint64_t part = std::min<std::uint64_t>(kReadSize, size - from);
      pieces.push_back({.at = at + from, .size = static_cast<std::uint32_t>(part)});
    }
  }
  return pieces;
}

void PlainReader::read_pieces(int file, std::span<const Piece> pieces) {
  io_uring* const ring = &ring_->ring;
  std::vector<std::uint32_t> free(kPlaces);
  for (std::uint32_t i = 0; i < kPlaces; ++i) free[i] = i;
  std::size_t started = 0;
  const auto start = [&] {
    const Piece& piece = pieces[started];
    const std::uint32_t place = free[started % kPlaces];
    std::byte* const own = memory_.bytes().data() + std::size_t{place} * kReadSize;
    io_uring_sqe* const entry = ::io_uring_get_sqe(ring);
    ::io_uring_prep_read(entry, file, piece.into != nullptr ? piece.into : own, piece.size,
                         piece.at);
    entry->user_data = started++ << 32 | place;
  };
  while (started < std::min<std::size_t>(kDepth, pieces.size())) start();
  for (std::size_t finished = 0; finished < pieces.size();) {
    if (const int error = ::io_uring_submit_and_wait(ring, 1); error < 0 && error != -EINTR) {
      throw BenchError(std::string("a plain ring ended: ") + std::strerror(-error));
    }
    io_uring_cqe* completion = nullptr;
    while (::io_uring_peek_cqe(ring, &completion) == 0) {
      const std::uint64_t piece = completion->user_data >> 32;
      if (completion->res != static_cast<int>(pieces[piece].size)) {
        throw BenchError("a plain read failed or was short");
      }
      free[finished++ % kPlaces] = static_cast<std::uint32_t>(completion->user_data);
      ::io_uring_cqe_seen(ring, completion);
      if (started < pieces.size()) start();
    }
  }
}

PlainSample PlainReader::read(const LoadWorld& world, std::span<const std::uint32_t> order) {
  const std::vector<Piece> pieces = pieces_of(world, order);
  const int file = world.source().file.direct;
  return timed([&](PlainSample&) { read_pieces(file, pieces); });
}

PlainSample PlainReader::read_one_at_a_time(const LoadWorld& world,
                                            std::span<const std::uint32_t> order) {
  const int file = world.source().file.direct;
  return timed([&](PlainSample& sample) {
    for (const std::uint32_t& id : order) {
      const std::vector<Piece> pieces = pieces_of(world, {&id, 1});
      const double begin = wall_seconds();
      read_pieces(file, pieces);
      sample.micros.push_back((wall_seconds() - begin) * 1e6);
    }
  });
}

std::vector<std::uint64_t> PlainReader::read_into(const LoadWorld& world,
                                                  std::span<const std::uint32_t> order,
                                                  std::span<std::byte> into) {
  std::vector<std::uint64_t> begins;
  std::vector<Piece> all;
  std::uint64_t at = 0;
  for (const std::uint32_t& id : order) {
    begins.push_back(at);
    for (Piece piece : pieces_of(world, {&id, 1})) {
      piece.into = into.data() + at;
      at += piece.size;
      all.push_back(piece);
    }
  }
  read_pieces(world.source().file.direct, all);
  return begins;
}

// ---- PlainDecoder ----

PlainDecoder::PlainDecoder(const LoadWorld& world, std::span<const std::uint32_t> order,
                           Bytes memory, PlainReader& reader)
    : world_(world),
      order_(order.begin(), order.end()),
      stored_(map(world.stored_size(order).value + order.size() * kRunAlignment)),
      stored_at_(reader.read_into(world, order, stored_.bytes())),
      raw_(map(memory.value + 4 * world.raw_size_max().value)) {}

PlainSample PlainDecoder::decode(std::uint32_t threads) {
  return timed([&](PlainSample&) {
    std::vector<std::thread> others;
    for (std::uint32_t i = 1; i < threads; ++i) {
      others.emplace_back([this, i, threads] { decode_from(i, threads); });
    }
    decode_from(0, threads);
    for (std::thread& other : others) other.join();
  });
}

// Every `threads`-th container; the memory is divided among the threads.
void PlainDecoder::decode_from(std::uint32_t thread, std::uint32_t threads) const {
  const ContainerTable& containers = world_.tables().containers;
  const ChunkTable& chunks = world_.tables().chunks;
  ZSTD_DCtx* const zstd = ZSTD_createDCtx();
  const std::uint64_t share = raw_.bytes().size() / threads;
  std::uint64_t place = 0;
  for (std::size_t i = thread; i < order_.size(); i += threads) {
    const std::uint32_t id = order_[i];
    if (place + containers.raw_size[id] > share) place = 0;
    std::byte* const raw = raw_.bytes().data() + thread * share + place;
    const std::byte* const stored = stored_.bytes().data() + stored_at_[i];
    for (std::uint32_t c = containers.first_chunk[id]; c < containers.first_chunk[id + 1]; ++c) {
      const std::span<const std::byte> from(stored + chunks.stored_at[c], chunks.stored_size[c]);
      std::byte* const to = raw + chunks.raw_at[c];
      const std::size_t size = chunks.raw_size[c];
      if (hash64(from) != chunks.checksum[c]) std::terminate();
      std::size_t made = size;
      switch (static_cast<Codec>(chunks.codec[c])) {
        case Codec::store: std::memcpy(to, from.data(), size); break;
        case Codec::lz4:
          made = static_cast<std::size_t>(LZ4_decompress_safe(
              reinterpret_cast<const char*>(from.data()), reinterpret_cast<char*>(to),
              static_cast<int>(from.size()), static_cast<int>(size)));
          break;
        case Codec::zstd:
          made = ZSTD_decompressDCtx(zstd, to, size, from.data(), from.size());
          break;
      }
      if (made != size) std::terminate();
    }
    place += containers.raw_size[id];
  }
  ZSTD_freeDCtx(zstd);
}

}  // namespace nf::bench
