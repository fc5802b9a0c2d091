// SourceBuilder: a SourceWorld in a few lines, its bytes in memory. For tests.
// One owner; the world's loader shares the bytes and may outlive the builder.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.h"
#include "formats/pack/source_world.h"

namespace nf {

class SourceBuilder {
 public:
  SourceBuilder() {
    world_.containers.emplace_back();
    world_.load = [bytes = bytes_](const SourceAsset& asset,
                                   std::string& detail) -> Result<std::vector<std::byte>> {
      const auto found = bytes->find(asset.origin);
      if (found != bytes->end()) return found->second;
      detail = "there is no " + asset.origin;
      return Error{.code = ErrorCode::file_open_failed};
    };
  }

  std::uint32_t add(std::string_view name, std::uint32_t parent = 0) {
    SourceContainer container;
    container.name = name;
    container.parent = parent;
    world_.containers.push_back(std::move(container));
    return static_cast<std::uint32_t>(world_.containers.size() - 1);
  }
  std::uint32_t add_shared(std::string_view name, std::uint32_t parent = 0) {
    const std::uint32_t id = add(name, parent);
    world_.containers[id].shared = true;
    return id;
  }
  std::uint32_t add_placed(std::string_view name, WorldPosition position, float radius,
                           std::uint32_t parent = 0) {
    const std::uint32_t id = add(name, parent);
    world_.containers[id].position = position;
    world_.containers[id].bounds_kind = BoundsKind::sphere;
    world_.containers[id].bounds_half_extent = {radius, radius, radius};
    return id;
  }
  void depend(std::uint32_t id, std::uint32_t on) {
    world_.containers[id].dependencies.push_back(on);
  }
  SourceGate& link(std::uint32_t id, std::string_view name, std::string_view to) {
    SourceGate& gate = world_.containers[id].gates.emplace_back();
    gate.name = name;
    gate.to = to;
    return gate;
  }
  void put(std::uint32_t id, const std::string& name, std::vector<std::byte> bytes) {
    const std::string origin = std::to_string(id) + "/" + name;
    world_.containers[id].assets.push_back({.name = name,
                                            .kind = asset_kind_of(name),
                                            .origin = origin,
                                            .recipe = 0,
                                            .size_hint = bytes.size()});
    (*bytes_)[origin] = std::move(bytes);
  }

  SourceContainer& at(std::uint32_t id) { return world_.containers[id]; }
  SourceWorld& world() { return world_; }
  const std::vector<std::byte>& bytes(std::uint32_t id, const std::string& name) const {
    return bytes_->at(std::to_string(id) + "/" + name);
  }

 private:
  std::shared_ptr<std::map<std::string, std::vector<std::byte>>> bytes_ =
      std::make_shared<std::map<std::string, std::vector<std::byte>>>();
  SourceWorld world_;
};

inline std::vector<std::byte> noise_bytes(std::size_t size, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.below(256));
  return bytes;
}

// Compresses to about a half.
inline std::vector<std::byte> asset_like_bytes(std::size_t size, std::uint64_t seed) {
  Prng prng(seed);
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i % 8 < 4 ? 7 : prng.below(64));
  return bytes;
}

}  // namespace nf
