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

  // The memory that containers go to is touched then; nothing of the archive's chunks is read.
  PinLoader(const Archive& archive, const PinLoaderOptions& options);

  void load(std::span<const ContainerId> ids, const Arrived& arrived);

 private:
  const Archive& archive_;
  PinLoaderOptions options_;
  StreamerOptions streamer_options_;
  std::optional<Streamer> streamer_;
  ContainerRange mounted_;
};

}  // namespace nf::bench
