// PinLoader: loads containers of an archive through a Streamer, a fixed number in flight: the next
// is pinned when one has arrived.
//
// One owner thread; borrows the archive. Throws BenchError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <nearfield/archive.h>
#include <nearfield/streamer.h>

namespace nf::bench {

struct PinLoaderOptions {
  std::uint32_t in_flight = 1;
  std::uint32_t workers = 0;  // 0: as a Streamer comes
};

class PinLoader {
 public:
  // `microseconds`: from pinned to seen resident. The pin goes when this returns.
  using Arrived = std::function<void(std::size_t place, const Pin& pin, double microseconds)>;

  PinLoader(const Archive& archive, const PinLoaderOptions& options);

  // Loads enough to have touched all of the memory budget, by way of a second mount of the same
  // archive: what `load` asks for was never resident.
  void warm_up();
  void load(std::span<const ContainerId> ids, const Arrived& arrived);

 private:
  void load_from(ContainerRange mounted, std::span<const ContainerId> ids, const Arrived& arrived);

  const Archive& archive_;
  PinLoaderOptions options_;
  StreamerOptions streamer_options_;
  std::optional<Streamer> streamer_;
  ContainerRange measured_;
  ContainerRange warming_;
};

}  // namespace nf::bench
