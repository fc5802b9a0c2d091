#include "bench/codec/decode_loops.h"

#include <lz4.h>
#include <zstd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "bench/suite/clocks.h"
#include "bench/suite/suite.h"

// The fastest form of the hash that the library has: ours must not win by the reference's choice.
#if __has_include(<xxh_x86dispatch.h>) && (defined(__x86_64__) || defined(__i386__))
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

namespace nf::bench {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// What the libraries' own examples do, and the hash: no features.
class PlainDecoder {
 public:
  bool decode(const ChunkSet& set, std::size_t chunk, std::span<std::byte> raw) {
    const std::span<const std::byte> stored = set.stored(chunk);
    if (XXH3_64bits(stored.data(), stored.size()) != set.checksum[chunk]) return false;
    std::byte* into = raw.data() + set.raw_at[chunk];
    const std::size_t size = set.raw_size[chunk];
    switch (static_cast<Codec>(set.codec[chunk])) {
      case Codec::store: std::memcpy(into, stored.data(), size); return true;
      case Codec::lz4:
        return LZ4_decompress_safe(reinterpret_cast<const char*>(stored.data()),
                                   reinterpret_cast<char*>(into), static_cast<int>(stored.size()),
                                   static_cast<int>(size)) == static_cast<int>(size);
      case Codec::zstd:
        return ZSTD_decompressDCtx(context_.get(), into, size, stored.data(), stored.size()) ==
               size;
    }
    return false;
  }

 private:
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_{ZSTD_createDCtx()};
};

class OurDecoder {
 public:
  bool decode(const ChunkSet& set, std::size_t chunk, std::span<std::byte> raw) {
    const std::span<const std::byte> stored = set.stored(chunk);
    return hash64(stored) == set.checksum[chunk] &&
           !decoder_.decode(static_cast<Codec>(set.codec[chunk]), stored,
                            raw.subspan(set.raw_at[chunk], set.raw_size[chunk]));
  }

 private:
  ChunkDecoder decoder_;
};

// Calls `step(chunk)` for the chunks first, first + stride, ... again and again until the time is
// over, or once if there is no time. Returns the decoded bytes.
template <class Step>
std::uint64_t go_round(const DecodeWork& work, std::size_t first, std::size_t stride,
                       const Step& step) {
  const double end = wall_seconds() + work.seconds;
  std::uint64_t bytes = 0;
  do {
    for (std::size_t chunk = first; chunk < work.set->count(); chunk += stride) {
      if (!step(chunk)) throw BenchError("chunk " + std::to_string(chunk) + " does not decode");
      bytes += work.set->raw_size[chunk];
      if (work.seconds > 0 && wall_seconds() >= end) return bytes;
    }
  } while (work.seconds > 0);
  return bytes;
}

template <class Run>
DecodeSample timed(const Run& run) {
  DecodeSample sample;
  const double begin = wall_seconds();
  const double cpu_begin = process_seconds();
  sample.raw_bytes = run();
  sample.seconds = wall_seconds() - begin;
  sample.cpu_seconds = process_seconds() - cpu_begin;
  return sample;
}

// Eight sums of two words side by side, in registers that every build has.
std::uint64_t sum_of(std::span<const std::byte> bytes) {
  using Words = std::uint64_t __attribute__((vector_size(16), may_alias, aligned(1)));
  Words a = {}, b = {}, c = {}, d = {}, e = {}, f = {}, g = {}, h = {};
  const auto* words = reinterpret_cast<const Words*>(bytes.data());
  for (const auto* end = words + bytes.size() / 128 * 8; words != end; words += 8) {
    a += words[0], b += words[1], c += words[2], d += words[3];
    e += words[4], f += words[5], g += words[6], h += words[7];
  }
  const Words total = a + b + c + d + e + f + g + h;
  return total[0] + total[1];
}

std::uint64_t decode_plainly_from(const DecodeWork& work, std::size_t first) {
  PlainDecoder decoder;
  return go_round(work, first, work.workers,
                  [&](std::size_t chunk) { return decoder.decode(*work.set, chunk, work.raw); });
}

// The pool with about a mebibyte a job, as segments of a container come. The owner sleeps between
// its looks, as one that has a frame to make.
class PoolRun {
 public:
  explicit PoolRun(const DecodeWork& work) : work_(work) {
    Result<DecodePool> pool = DecodePool::create({.workers = work.workers});
    if (!pool) throw BenchError("the decode workers cannot be started");
    pool_ = std::make_unique<DecodePool>(std::move(*pool));
    cut_jobs();
  }

  DecodeSample run() {
    return timed([this] { return work_until_over(); });
  }

 private:
  static constexpr std::size_t kJobSize = 1u << 20;
  static constexpr std::chrono::microseconds kLook{300};

  void cut_jobs() {
    const ChunkSet& set = *work_.set;
    for (std::size_t first = 0; first < set.count();) {
      std::size_t last = first, size = 0;
      while (last < set.count() && size < kJobSize) size += set.raw_size[last++];
      jobs_.push_back({.tag = {jobs_.size()},
                       .chunks = set.view(first, last - first),
                       .stored = set.stored_pages.bytes(),
                       .raw = work_.raw,
                       .deadline = {}});
      sizes_.push_back(size);
      first = last;
    }
  }

  void submit(std::size_t job) {
    if (!pool_->submit(jobs_[job])) throw BenchError("the pool takes no further job");
    ++outstanding_;
  }

  std::uint64_t work_until_over() {
    const double end = wall_seconds() + work_.seconds;
    for (std::size_t job = 0; job < jobs_.size(); ++job) submit(job);
    std::uint64_t bytes = 0;
    while (outstanding_ > 0) {
      std::this_thread::sleep_for(kLook);
      const bool more = work_.seconds > 0 && wall_seconds() < end;
      for (const DecodeDone& done : pool_->reap()) {
        if (done.error) throw BenchError("the pool refuses a chunk");
        --outstanding_;
        bytes += sizes_[done.tag.value];
        if (more) again_.push_back(done.tag.value);
      }
      for (; !again_.empty(); again_.pop_back()) submit(again_.back());
    }
    return bytes;
  }

  const DecodeWork& work_;
  std::unique_ptr<DecodePool> pool_;
  std::vector<DecodeJob> jobs_;
  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> again_;
  std::size_t outstanding_ = 0;
};

}  // namespace

DecodeSample decode_plainly(const DecodeWork& work) {
  if (work.workers <= 1) return timed([&] { return decode_plainly_from(work, 0); });
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<bool> refused{false};
  DecodeSample sample = timed([&] {
    std::vector<std::jthread> threads;
    threads.reserve(work.workers);
    for (std::size_t first = 0; first < work.workers; ++first) {
      threads.emplace_back([&, first] {
        try {
          bytes += decode_plainly_from(work, first);
        } catch (const BenchError&) {
          refused = true;
        }
      });
    }
    return std::uint64_t{0};
  });
  if (refused) throw BenchError("a chunk does not decode");
  sample.raw_bytes = bytes;
  return sample;
}

DecodeSample decode_with_ours(const DecodeWork& work) {
  OurDecoder decoder;
  return timed([&] {
    return go_round(work, 0, 1,
                    [&](std::size_t chunk) { return decoder.decode(*work.set, chunk, work.raw); });
  });
}

DecodeSample decode_with_pool(const DecodeWork& work) {
  return PoolRun(work).run();
}

DecodeSample sum_plainly(const DecodeWork& work) {
  std::uint64_t total = 0;
  const DecodeSample sample = timed([&] {
    return go_round(work, 0, 1, [&](std::size_t chunk) {
      total += sum_of(work.set->stored(chunk));
      return true;
    });
  });
  // A sum that nobody looks at need not be taken.
  if (total == 0) throw BenchError("the chunks hold nothing but zeros");
  return sample;
}

DecodeSample hash_with_ours(const DecodeWork& work) {
  return timed([&] {
    return go_round(work, 0, 1, [&](std::size_t chunk) {
      return hash64(work.set->stored(chunk)) == work.set->checksum[chunk];
    });
  });
}

}  // namespace nf::bench
