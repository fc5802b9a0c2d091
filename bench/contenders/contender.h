// Contender: one way of keeping a world's containers on disk and of reading them back. There is one
// for each peer, and ours are among them: all are asked for the same containers in the same order.
//
// Thread: everything is called by the suite's one thread but BlockingContender::read_container,
// which one thread for each requester calls. Memory: `LoadRun::scratch` is the caller's. Throws
// BenchError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/contenders/container_tree.h"
#include "bench/contenders/load_clock.h"

namespace nf::bench {

using AssetBytes = std::vector<std::span<const std::byte>>;

enum class Side : std::uint8_t {
  peer,             // stores as it is
  compressed_peer,  // what ours is measured against
  ours,
};

struct ContenderFacts {
  std::string name;  // "zip, deflate, libzip"
  Side side = Side::peer;
  DeviceBytesFrom device_bytes_from = DeviceBytesFrom::process;
  // Containers in flight whatever the number of requesters: asked for before anybody waits for
  // them. 0: each requester has one in flight.
  std::uint32_t asked_ahead = 0;
};

// Called with every container, on the requester's thread, for containers of its own only.
using Visit = std::function<void(std::uint32_t container, const AssetBytes& assets)>;

struct LoadRun {
  std::span<const std::uint32_t> order;  // containers, each once
  std::uint32_t requesters = 1;
  std::span<const std::span<std::byte>> scratch;  // each holds the largest container and 8 KiB
  const Visit* visit = nullptr;                   // null: nobody looks at the bytes
  std::span<double> latencies_us;                 // parallel to order: from asked to delivered
};

struct SliceRead {
  std::uint32_t asset = 0;
  std::uint64_t at = 0;
  std::span<std::byte> into;
};

class Contender {
 public:
  virtual ~Contender() = default;

  virtual ContenderFacts facts() const = 0;
  // Throws, and says why, if it cannot run in `folder`; before anything is packed.
  virtual void require(const std::filesystem::path& /*folder*/) const {}
  // Packs the tree unless that was done before. `tree` outlives the contender.
  virtual void prepare(const ContainerTree& tree) = 0;
  // What it reads: must be out of the page cache before it is opened.
  virtual std::vector<std::filesystem::path> files() const = 0;
  virtual void open(std::uint32_t requesters) = 0;
  virtual void close() = 0;
  // How it was opened, if that could be more than one way.
  virtual std::string remark() const { return {}; }

  // Everything in run.order, between clock.start() and clock.stop().
  virtual void run(const LoadRun& run, LoadClock& clock) = 0;
  virtual void read_slice(const SliceRead& slice) = 0;
};

// Those that block until a container is there, and so need a thread for each requester: it takes
// the next container of the order when it is done with one.
class BlockingContender : public Contender {
 public:
  // The whole container, by the requester of that number: its assets lie in `scratch`.
  virtual void read_container(std::uint32_t requester, std::uint32_t container,
                              std::span<std::byte> scratch, AssetBytes& assets) = 0;
  void run(const LoadRun& run, LoadClock& clock) final;
};

}  // namespace nf::bench
