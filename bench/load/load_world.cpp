#include "bench/load/load_world.h"

#include <algorithm>

#include "bench/suite/suite.h"
#include "core/base/checked.h"
#include "core/base/prng.h"
#include "tools/nearfield/exit_code.h"

namespace nf::bench {

void refuse(const Error& error, const std::string& sentence) {
  if (exit_code_of(error) == ExitCode::bad_input) throw BadInput(sentence);
  throw BenchError(sentence);
}

namespace {

Archive open_archive(const std::filesystem::path& path) {
  Result<Archive> archive = Archive::open(path.c_str());
  if (!archive) refuse(archive.error(), describe_open_error(path.c_str(), archive.error()));
  return std::move(*archive);
}

template <class T>
void copy(const Array<T>& from, Array<T>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
}

WorldTables copy_without_dependencies(const WorldTables& from) {
  auto made = make_world_tables({.containers = from.containers.count(),
                                 .assets = from.assets.count(),
                                 .chunks = from.chunks.count()});
  if (!made) throw BenchError("there is no memory for the tables of the world");
  WorldTables to = std::move(*made);
  copy(from.containers.path_hash, to.containers.path_hash);
  copy(from.containers.parent, to.containers.parent);
  copy(from.containers.subtree_end, to.containers.subtree_end);
  copy(from.containers.rotation, to.containers.rotation);
  copy(from.containers.raw_size, to.containers.raw_size);
  copy(from.containers.run_at, to.containers.run_at);
  copy(from.containers.run_size, to.containers.run_size);
  copy(from.containers.first_asset, to.containers.first_asset);
  copy(from.containers.first_chunk, to.containers.first_chunk);
  copy(from.assets.name_hash, to.assets.name_hash);
  copy(from.assets.raw_at, to.assets.raw_at);
  copy(from.assets.raw_size, to.assets.raw_size);
  copy(from.assets.kind, to.assets.kind);
  copy(from.chunks.checksum, to.chunks.checksum);
  copy(from.chunks.codec, to.chunks.codec);
  copy(from.chunks.stored_at, to.chunks.stored_at);
  copy(from.chunks.stored_size, to.chunks.stored_size);
  copy(from.chunks.raw_at, to.chunks.raw_at);
  copy(from.chunks.raw_size, to.chunks.raw_size);
  return to;
}

}  // namespace

LoadWorld::LoadWorld(const std::filesystem::path& path)
    : archive_(open_archive(path)), tables_(copy_without_dependencies(archive_.world())) {
  for (std::uint32_t id = 0; id < tables_.containers.count(); ++id) {
    const Bytes raw{tables_.containers.raw_size[id]};
    if (raw.value == 0) continue;
    containers_.push_back(id);
    raw_size_ += raw;
    raw_size_max_ = std::max(raw_size_max_, raw);
  }
  if (containers_.empty()) throw BadInput("archive " + path.string() + " holds no bytes");
}

Bytes LoadWorld::raw_size(std::span<const std::uint32_t> of) const {
  Bytes sum;
  for (const std::uint32_t id : of) sum += Bytes{tables_.containers.raw_size[id]};
  return sum;
}

Bytes LoadWorld::stored_size(std::span<const std::uint32_t> of) const {
  Bytes sum;
  for (const std::uint32_t id : of) sum += Bytes{tables_.containers.run_size[id]};
  return sum;
}

Bytes LoadWorld::fetched_size(std::span<const std::uint32_t> of) const {
  Bytes sum;
  for (const std::uint32_t id : of) sum += Bytes{fetched_size(tables_.containers.run_size[id])};
  return sum;
}

std::uint64_t LoadWorld::fetched_size(std::uint64_t run_size) {
  return align_up(run_size, kRunAlignment);
}

LoadOrder::LoadOrder(const LoadWorld& world, std::uint64_t seed,
                     std::span<const std::uint32_t> except)
    : world_(world), order_(world.containers().begin(), world.containers().end()) {
  std::erase_if(order_, [&](std::uint32_t id) {
    return std::find(except.begin(), except.end(), id) != except.end();
  });
  Prng prng(seed);
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[prng.below(i)]);
  }
}

std::vector<std::uint32_t> LoadOrder::next(Bytes raw) {
  std::vector<std::uint32_t> portion;
  for (Bytes sum; sum < raw && portion.size() < order_.size(); at_ = (at_ + 1) % order_.size()) {
    portion.push_back(order_[at_]);
    sum += Bytes{world_.tables().containers.raw_size[order_[at_]]};
  }
  return portion;
}

}  // namespace nf::bench
