#include "formats/archive/name_table.h"

#include <cstring>

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

Error check_asset_names(const WorldTables& world, const NameTable& names) {
  const Array<AssetId>& hashes = world.assets.name_hash;
  for (std::uint32_t i = 0; i < world.assets.count(); ++i) {
    std::string_view name;
    if (!find_name(names.bytes, names.asset_name_at[i], name) || !is_component(name) ||
        asset_id(name) != hashes[i]) {
      return name_error(Subject::asset, i);
    }
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

}  // namespace

Error check_names(const WorldTables& world, const NameTable& names) {
  if (const Error error = check_container_names(world, names)) return error;
  if (const Error error = check_asset_names(world, names)) return error;
  return check_gate_names(world, names);
}

}  // namespace nf
