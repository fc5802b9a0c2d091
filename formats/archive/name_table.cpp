#include "formats/archive/name_table.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "core/codec/codec.h"
#include "formats/wire/component.h"

namespace nf {
namespace {

// The name at `at`; false if it does not lie inside the table.
bool find_name(const Array<char>& bytes, std::uint32_t at, std::string_view& name) {
  if (at >= bytes.size()) return false;
  const std::size_t size = static_cast<unsigned char>(bytes[at]);
  if (size > bytes.size() - at - 1) return false;
  name = {bytes.data() + at + 1, size};
  return true;
}

Error name_error(Subject kind, std::uint32_t id) {
  return {.code = ErrorCode::name_invalid, .subject_kind = kind, .subject = id};
}

// Taken by one thread at a time, in ascending order.
constexpr std::uint32_t kBlock = 1u << 14;  // assets
// Fewer are checked before a thread has started.
constexpr std::uint32_t kAssetsForThread = 1u << 17;

}  // namespace

// Keeps the path of the container that is looked at, and how much of it belongs to each ancestor.
Error check_container_names(const WorldTables& world, const NameTable& names) {
  const ContainerTable& table = world.containers;
  char path[kPathSizeMax];
  std::uint32_t open[kTreeDepthMax + 1];
  std::size_t path_size[kTreeDepthMax + 1];
  std::uint32_t depth = 0;
  for (std::uint32_t i = 0; i < table.count(); ++i) {
    std::string_view name;
    if (!find_name(names.bytes, names.container_name_at[i], name)) {
      return name_error(Subject::container, i);
    }
    const bool is_root = i == 0;
    if (is_root ? !name.empty() : !is_component(name)) return name_error(Subject::container, i);
    while (depth > 0 && table.subtree_end[open[depth - 1]] <= i) --depth;
    std::size_t size = depth > 0 ? path_size[depth - 1] : 0;
    const std::size_t separator = size > 0 ? 1 : 0;
    if (separator + name.size() > kPathSizeMax - size) return name_error(Subject::container, i);
    if (separator > 0) path[size++] = '/';
    std::memcpy(path + size, name.data(), name.size());
    size += name.size();
    if (path_hash({path, size}) != table.path_hash[i]) return name_error(Subject::container, i);
    open[depth] = i;
    path_size[depth] = size;
    ++depth;
  }
  return {};
}

Error check_gate_names(const WorldTables& world, const NameTable& names) {
  for (std::uint32_t i = 0; i < world.gates.count(); ++i) {
    std::string_view name;
    if (!find_name(names.bytes, names.gate_name_at[i], name) || !is_component(name) ||
        asset_id(name).value != world.gates.name_hash[i]) {
      return name_error(Subject::gate, i);
    }
  }
  return {};
}

AssetNameCheck::~AssetNameCheck() {
  stop();
}

void AssetNameCheck::start() {
  if (world_.assets.count() < kAssetsForThread) return;
  try {
    thread_ = std::thread([this] { check_blocks(); });
  } catch (const std::system_error&) {
    return;  // `finish` does it all
  }
}

// Blocks are taken in their order, so those before one with a wrong name are looked at to their
// end.
void AssetNameCheck::check_blocks() {
  const Array<AssetId>& hashes = world_.assets.name_hash;
  const std::uint32_t count = world_.assets.count();
  for (;;) {
    const std::uint32_t first = next_.fetch_add(kBlock);
    if (first >= count) return;
    const std::uint32_t last = std::min(count - first, kBlock) + first;
    for (std::uint32_t i = first; i < last; ++i) {
      std::string_view name;
      if (find_name(names_.bytes, names_.asset_name_at[i], name) && is_component(name) &&
          asset_id(name) == hashes[i]) {
        continue;
      }
      std::uint32_t wrong = first_wrong_.load();
      while (i < wrong && !first_wrong_.compare_exchange_weak(wrong, i)) {
      }
      next_.store(count);
      return;
    }
  }
}

void AssetNameCheck::stop() {
  next_.store(world_.assets.count());
  if (thread_.joinable()) thread_.join();
}

Error AssetNameCheck::finish() {
  check_blocks();
  stop();
  const std::uint32_t wrong = first_wrong_.load();
  return wrong == UINT32_MAX ? Error{} : name_error(Subject::asset, wrong);
}

Error check_names(const WorldTables& world, const NameTable& names) {
  if (const Error error = check_container_names(world, names)) return error;
  AssetNameCheck asset_names(world, names);
  if (const Error error = asset_names.finish()) return error;
  return check_gate_names(world, names);
}

}  // namespace nf
