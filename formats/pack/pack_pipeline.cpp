#include "formats/pack/pack_pipeline.h"

#include <algorithm>
#include <exception>

#include "formats/pack/check_source.h"
#include "formats/pack/choose_codec.h"

namespace nf {

namespace {

std::uint32_t thread_count(std::uint32_t asked) {
  return asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

// An importer's loader is foreign code: what it throws ends here.
Result<std::vector<std::byte>> load_bytes(const AssetLoader& loader, const SourceAsset& asset,
                                          std::string& detail) {
  try {
    return loader(asset, detail);
  } catch (const std::bad_alloc&) {
    detail = "not enough memory to load it";
    return Error{.code = ErrorCode::out_of_memory};
  } catch (const std::exception& exception) {
    detail = exception.what();
    return Error{.code = ErrorCode::source_malformed};
  }
}

}  // namespace

ChunkSizes chunk_sizes_for(const PackOptions& options) {
  if (options.chunk_size != 0) return ChunkSizes::all(options.chunk_size);
  // Cut before any chunk is encoded: by the disk alone.
  const bool zstd =
      options.codec == CodecChoice::zstd ||
      (options.codec == CodecChoice::automatic && zstd_usually_wins(options.disk_bytes_per_second));
  if (zstd) return ChunkSizes::all(ChunkSizes{}.shared);
  return {};
}

PackPipeline::PackPipeline(const SourceWorld& source, const PackOrder& order,
                           const PackOptions& options, ArchiveWriter& writer, std::string& detail)
    : source_(source),
      order_(order),
      options_(options),
      writer_(writer),
      detail_(detail),
      cutter_(chunk_sizes_for(options)),
      loads_max_(thread_count(options.threads) * 16),
      pool_(thread_count(options.threads)) {
  progress_.containers_total = source.containers.size();
  for (const SourceContainer& container : source.containers) {
    for (const SourceAsset& asset : container.assets)
      progress_.source_total += Bytes{asset.size_hint};
  }
}

Result<void> PackPipeline::run() {
  for (;;) {
    start_loads();
    bool moved = false;
    for (;;) {
      const Result<bool> collected = collect_next();
      if (!collected) return collected.error();
      const Result<bool> cut = cut_next();
      if (!cut) return cut.error();
      if (!*collected && !*cut) break;
      moved = true;
      start_loads();
    }
    if (loads_.empty() && encodings_.empty() && load_number_ == source_.containers.size()) break;
    if (moved) {
      if (const Result<void> told = tell_progress(); !told) return told;
    }
    pool_.wait_for_change();
  }
  return tell_progress();
}

std::uint64_t PackPipeline::memory_limit() const {
  const std::uint64_t all = options_.memory_max.value;
  return std::max(all / 4, all - std::min<std::uint64_t>(all, run_.size()));
}

void PackPipeline::start_loads() {
  while (load_number_ < source_.containers.size() && loads_.size() < loads_max_) {
    const auto& assets = source_.containers[order_.source_of[load_number_]].assets;
    if (!load_order_made_) {
      load_order_ = layout_order(assets);
      load_order_made_ = true;
      load_at_ = 0;
    }
    if (load_at_ == load_order_.size()) {
      start_load(kContainerEnd);
      ++load_number_;
      load_order_made_ = false;
      continue;
    }
    const std::uint64_t size = assets[load_order_[load_at_]].size_hint;
    const bool idle = loads_.empty() && encodings_.empty();
    if (!idle && memory_used_ + size > memory_limit()) return;
    start_load(load_order_[load_at_++]);
  }
}

void PackPipeline::start_load(std::uint32_t asset) {
  auto load = std::make_unique<Load>();
  load->number = load_number_;
  load->asset = asset;
  Load& slot = *load;
  loads_.push_back(std::move(load));
  if (asset == kContainerEnd) {
    slot.mark.done = true;  // no thread has seen it yet
    return;
  }
  const SourceAsset& from = source_.containers[order_.source_of[load_number_]].assets[asset];
  slot.reserved = from.size_hint;
  memory_used_ += slot.reserved;
  pool_.submit(
      [this, &slot, &from](ChunkEncoder&) {
        Result<std::vector<std::byte>> bytes = load_bytes(source_.load, from, slot.detail);
        if (bytes) {
          slot.bytes = std::move(*bytes);
          slot.hash = hash128(slot.bytes);
        } else {
          slot.error = bytes.error();
        }
      },
      WorkPool::Urgency::ordinary, slot.mark);
}

Result<bool> PackPipeline::cut_next() {
  if (loads_.empty() || !pool_.done(loads_.front()->mark)) return false;
  const std::unique_ptr<Load> load = std::move(loads_.front());
  loads_.pop_front();
  memory_used_ -= load->reserved;
  if (load->asset == kContainerEnd) {
    cut_container_end(*load);
    return true;
  }
  const SourceAsset& asset = source_.containers[order_.source_of[load->number]].assets[load->asset];
  if (const Error thrown = pool_.error(load->mark))
    return fail(load->number, asset.name, thrown, {});
  if (load->error) return fail(load->number, asset.name, load->error, load->detail);
  progress_.source_done += Bytes{asset.size_hint};
  if (const Result<void> cut = cut_asset(*load); !cut) return cut.error();
  start_encodings();
  return true;
}

Result<void> PackPipeline::cut_asset(Load& load) {
  const SourceAsset& asset = source_.containers[order_.source_of[load.number]].assets[load.asset];
  const std::uint64_t size = load.bytes.size();
  // Equal by size and a 128-bit hash is taken for equal: the source belongs to who packs it.
  const Content content{.low = load.hash.low, .high = load.hash.high, .size = size};
  const auto [place, first] = places_.try_emplace(content, cutter_.size());
  if (first) {
    if (size + kAssetAlignment > kContainerRawSizeMax - cutter_.size())
      return fail(load.number, asset.name, Error{.code = ErrorCode::limit_exceeded},
                  "its container would hold more than 4 GiB; split it");
    place->second = cutter_.add(asset.kind, load.bytes, cut_);
  }
  assets_.push_back({.source = load.asset, .raw_at = place->second, .raw_size = size});
  return {};
}

void PackPipeline::cut_container_end(const Load& load) {
  cutter_.finish(cut_);
  places_.clear();
  start_encodings();
  auto end = std::make_unique<Encoding>();
  end->number = load.number;
  end->container_end = true;
  end->assets = std::move(assets_);
  end->mark.done = true;  // no thread sees it
  assets_ = {};
  encodings_.push_back(std::move(end));
}

void PackPipeline::start_encodings() {
  for (RawChunk& chunk : cut_) {
    auto encoding = std::make_unique<Encoding>();
    Encoding& slot = *encoding;
    slot.reserved = chunk.bytes.size();
    memory_used_ += slot.reserved;
    slot.raw = std::move(chunk.bytes);
    encodings_.push_back(std::move(encoding));
    const Trial trial = chunks_cut_++ % kSampleEvery == 0 ? Trial::all : Trial::promising;
    pool_.submit(
        [this, &slot, trial](ChunkEncoder& encoder) {
          slot.chunk = encode_chunk(std::move(slot.raw), options_, encoder, trial);
        },
        WorkPool::Urgency::urgent, slot.mark);
  }
  cut_.clear();
}

Result<bool> PackPipeline::collect_next() {
  if (encodings_.empty() || !pool_.done(encodings_.front()->mark)) return false;
  const std::unique_ptr<Encoding> encoding = std::move(encodings_.front());
  encodings_.pop_front();
  memory_used_ -= encoding->reserved;
  if (encoding->container_end) {
    if (const Result<void> written = write_container(*encoding); !written) return written.error();
    return true;
  }
  if (const Error thrown = pool_.error(encoding->mark)) {
    return fail(static_cast<std::uint32_t>(progress_.containers_done), {}, thrown, {});
  }
  tables_.add_chunk(encoding->chunk);
  run_.insert(run_.end(), encoding->chunk.bytes.begin(), encoding->chunk.bytes.end());
  return true;
}

Result<void> PackPipeline::write_container(Encoding& end) {
  FileOffset run_at;
  if (!run_.empty()) {
    const Result<FileOffset> at = writer_.append_run(run_);
    if (!at) return fail(end.number, {}, at.error(), error_text(at.error().code));
    run_at = *at;
  }
  progress_.stored += Bytes{run_.size()};
  constexpr std::size_t kKeep = 64u << 20;  // a rare giant's memory is given back
  run_.clear();
  if (run_.capacity() > kKeep) run_.shrink_to_fit();
  tables_.add_container(std::move(end.assets), run_at);
  ++progress_.containers_done;
  return {};
}

Result<void> PackPipeline::tell_progress() {
  if (!options_.progress || options_.progress(progress_)) return {};
  detail_ = "stopped on request";
  return Error{.code = ErrorCode::canceled};
}

Error PackPipeline::fail(std::uint32_t number, const std::string& asset, Error error,
                         const std::string& cause) {
  detail_ = "container " + source_path(source_, order_.source_of[number]);
  if (!asset.empty()) detail_ += ": asset " + quoted_name(asset);
  detail_ += ": " + (cause.empty() ? std::string(error_text(error.code)) : cause);
  if (error.subject_kind == Subject::none) {
    error.subject_kind = Subject::container;
    error.subject = number;
  }
  return error;
}

}  // namespace nf
