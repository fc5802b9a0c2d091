// Question: how fast are chunks checked and decoded, by kind of asset, codec and size of chunk, and
// how much do our decoder and its workers add to what the libraries themselves take?
//
// The reference is the libraries in the shortest loop there is, with the same hash. Every way's
// bytes are compared with the original before it is timed. Destination memory is reused huge pages.
#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <thread>

#include "bench/codec/decode_loops.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr std::size_t kSetSize = 32u << 20;  // more than the caches next to a core hold
constexpr std::size_t kLookSize = 4u << 20;
constexpr std::size_t kChunkSize = 256u << 10;  // the packer's own choice

using Loop = DecodeSample (*)(const DecodeWork&);

std::string size_name(std::size_t size) {
  return size >= (1u << 20) ? std::to_string(size >> 20) + " MiB"
                            : std::to_string(size >> 10) + " KiB";
}

class CodecSuite {
 public:
  explicit CodecSuite(const BenchOptions& options)
      : options_(options),
        look_(options.seconds < kLookSeconds),
        set_size_(look_ ? kLookSize : kSetSize) {
    result_.suite = "codec";
    Result<PageBlock> pages = PageBlock::map(Bytes{set_size_}, PageKind::huge);
    if (!pages) throw BenchError("memory for decoded bytes is refused");
    raw_pages_ = std::move(*pages);
    std::memset(raw_pages_.bytes().data(), 1, raw_pages_.bytes().size());
  }

  SuiteResult run() {
    const AssetPool pool = AssetPool::make(options_.seed);
    const std::vector<Codec> codecs = {Codec::store, Codec::lz4, Codec::zstd};
    for (const AssetMix mix : {AssetMix::textures, AssetMix::meshes, AssetMix::text}) {
      if (look_ && mix != AssetMix::meshes) continue;
      original_ = make_raw(pool, mix, set_size_, options_.seed);
      for (const Codec codec : codecs) measure_kind(mix, codec);
    }
    original_ = make_raw(pool, AssetMix::all, set_size_, options_.seed);
    for (const Codec codec : codecs) {
      for (const std::size_t size : {16u << 10, 64u << 10, 256u << 10, 1u << 20}) {
        if (!look_ || size == kChunkSize) measure_size(codec, size);
      }
    }
    measure_pool(Codec::lz4);
    measure_pool(Codec::zstd);
    measure_hash();
    result_.notes.push_back("decoded bytes for each stored one: " + ratios_);
    return std::move(result_);
  }

 private:
  struct Pair {
    std::vector<double> rate[2], cost[2];  // reference, ours
  };

  void say(const std::string& what) {
    constexpr double kSteps = 26;
    if (options_.progress) options_.progress(what, step_++ / kSteps);
  }

  std::span<std::byte> raw() const { return raw_pages_.bytes().first(set_size_); }

  void compare_bytes(const ChunkSet& set, Loop loop, const std::string& name,
                     std::uint32_t workers) const {
    std::memset(raw().data(), 0xEE, raw().size());
    loop({.set = &set, .raw = raw(), .seconds = 0, .workers = workers});
    if (std::memcmp(raw().data(), original_.data(), original_.size()) != 0) {
      throw BenchError(name + ": other bytes than were encoded");
    }
  }

  Pair measure(const ChunkSet& set, const std::string& name, Loop reference, Loop ours,
               std::uint32_t workers = 1, bool decodes = true) {
    say(name);
    const Loop loops[2] = {reference, ours};
    if (decodes) {
      for (const Loop loop : loops) compare_bytes(set, loop, name, workers);
    }
    Pair pair;
    take_in_turn(2, options_.rounds, [&](std::size_t which, std::uint32_t) {
      const DecodeSample sample = loops[which](
          {.set = &set, .raw = raw(), .seconds = options_.seconds, .workers = workers});
      pair.rate[which].push_back(sample.megabytes_per_second());
      pair.cost[which].push_back(sample.cpu_per_gigabyte());
    });
    return pair;
  }

  Figure& add(const std::string& name, const char* unit, Better better,
              const std::vector<double> (&samples)[2], const char* reference = "plain loop") {
    result_.figures.push_back({.name = name,
                               .unit = unit,
                               .better = better,
                               .ours = samples[1],
                               .reference_name = reference,
                               .reference = samples[0]});
    return result_.figures.back();
  }

  void measure_kind(AssetMix mix, Codec codec) {
    const ChunkSet set = encode_chunks(original_, codec, kChunkSize);
    const std::string name = std::string(mix_name(mix)) + ", " + codec_name(codec);
    note_ratio(name, set);
    add(name, "MB/s", Better::higher, measure(set, name, decode_plainly, decode_with_ours).rate);
  }

  void measure_size(Codec codec, std::size_t size) {
    const ChunkSet set = encode_chunks(original_, codec, size);
    const std::string name = std::string("all kinds, ") + codec_name(codec) + ", chunks of " +
                             size_name(size);
    note_ratio(name, set);
    const Pair pair = measure(set, name, decode_plainly, decode_with_ours);
    Figure& figure = add(name, "MB/s", Better::higher, pair.rate);
    figure.place = {.plot = "Decoded by one thread over the size of a chunk",
                    .line = codec_name(codec),
                    .x = static_cast<double>(size),
                    .x_text = size_name(size)};
  }

  std::uint32_t many() const {
    const std::uint32_t cores = std::max(std::thread::hardware_concurrency(), 1u);
    return options_.workers != 0 ? options_.workers : cores;
  }

  void measure_pool(Codec codec) {
    const ChunkSet set = encode_chunks(original_, codec, kChunkSize);
    for (const std::uint32_t workers : {1u, many()}) {
      if (workers == 1 && measured_one_[codec]) continue;
      const std::string name = std::string("DecodePool, ") + codec_name(codec) + ", " +
                               std::to_string(workers) + (workers == 1 ? " worker" : " workers");
      const Pair pair = measure(set, name, decode_plainly, decode_with_pool, workers);
      const char* reference = workers == 1 ? "plain loop" : "as many plain loops";
      add(name, "MB/s", Better::higher, pair.rate, reference);
      const Figure& cost = add(name + ", processor", "s/GB", Better::lower, pair.cost, reference);
      if (workers != 1) continue;
      measured_one_[codec] = true;
      result_.headlines[std::string("codec_cpu_ratio_") + codec_name(codec)] =
          spread_of(ratios_of(cost)).median;
    }
  }

  void measure_hash() {
    const ChunkSet set = encode_chunks(original_, Codec::store, kChunkSize);
    const Pair pair = measure(set, "XXH3", sum_plainly, hash_with_ours, 1, false);
    add("XXH3 of 256 KiB at a time, from memory", "MB/s", Better::higher, pair.rate,
        "a sum of the words");
  }

  // Of what was decoded, and so no part of a name that reports are compared by.
  void note_ratio(const std::string& name, const ChunkSet& set) {
    const double ratio =
        static_cast<double>(set.raw_total) / static_cast<double>(set.stored_total);
    ratios_ += (ratios_.empty() ? "" : "; ") + name + text_of(" %.2f", ratio);
  }

  const BenchOptions& options_;
  bool look_;
  std::size_t set_size_;
  PageBlock raw_pages_;
  std::vector<std::byte> original_;
  std::map<Codec, bool> measured_one_;
  std::string ratios_;  // for the note
  double step_ = 0;
  SuiteResult result_;
};

}  // namespace

SuiteResult run_codec(const BenchOptions& options) {
  return CodecSuite(options).run();
}

}  // namespace nf::bench
