// Pin: keeps one container resident, and is the way to its assets.
// Thread: the Streamer's. Memory: the Streamer's; a Pin must not outlive it.
#pragma once

#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

struct AssetView {
  AssetId id;  // asset_id("name")
  // Number in its archive, as Archive::asset_name and Archive::find_asset have it; of a container
  // that was spawned: of the template's asset.
  std::uint32_t index = 0;
  std::uint16_t kind = 0;
  // Begins at a multiple of 16 if `nearfield pack` made the archive; others need not care.
  std::span<const std::byte> bytes;
};

class StreamerImpl;

// Keeps one container, and what it depends on, resident wherever the observers are. Move only.
// Must not outlive its Streamer. Spans taken from a Pin are valid while the Pin lives.
class Pin {
 public:
  Pin() = default;
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  ~Pin();

  ContainerId id() const { return id_; }
  bool resident() const;                       // arrived, by an update()
  std::uint32_t asset_count() const;           // known before it is resident
  AssetView asset(std::uint32_t index) const;  // ascending by id; bytes empty until resident
  // find(asset_id("walls.mesh")): not_found; or the container's failure.
  Result<std::span<const std::byte>> find(AssetId id) const;

 private:
  friend class Streamer;
  Pin(StreamerImpl* owner, ContainerId id);
  StreamerImpl* owner_ = nullptr;
  ContainerId id_;
};

}  // namespace nf
