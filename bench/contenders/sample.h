// Sample: what one contender did in one round, and how it is taken.
//
// The suite's one thread. Throws BenchError where the contender fails or delivers wrong bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/contenders/contender.h"
#include "core/base/pages.h"

namespace nf::bench {

struct LoadSample {
  double decoded_mbps = 0;
  double p50_us = 0;  // a whole container, from asked to delivered
  double p99_us = 0;
  double process_cpu_per_gb = 0;  // seconds for each 10^9 delivered bytes
  double machine_cpu_per_gb = 0;
  double device_bytes_per_byte = 0;
};

struct SliceSample {
  double p50_us = 0;
  double p99_us = 0;
  double device_bytes_per_byte = 0;
};

struct Slice {
  std::uint32_t asset = 0;
  std::uint64_t at = 0;
  std::uint64_t hash = 0;  // hash64 of its bytes
};
inline constexpr std::uint64_t kSliceSize = 64u << 10;

// What a round asks of everybody.
struct Round {
  std::vector<std::uint32_t> order;  // containers
  std::vector<Slice> slices;
};

// Memory of the requesters, in huge pages, touched before any clock starts.
class RequesterMemory {
 public:
  RequesterMemory(const ContainerTree& tree, std::uint32_t requesters);
  std::span<const std::span<std::byte>> spans() const { return spans_; }

 private:
  std::vector<PageBlock> blocks_;
  std::vector<std::span<std::byte>> spans_;
};

// Drops the files' pages; true if nothing of them is in the page cache then.
bool make_cold(const std::vector<std::filesystem::path>& files);

// Loads every container once and compares all bytes with the tree's.
void compare_all_bytes(Contender& contender, const ContainerTree& tree,
                       const RequesterMemory& memory, std::uint32_t requesters);

// None if its files would not leave the page cache.
std::optional<LoadSample> take_load_sample(Contender& contender, const ContainerTree& tree,
                                           const Round& round, std::uint32_t requesters,
                                           const RequesterMemory& memory);
// Of two slices or more.
std::optional<SliceSample> take_slice_sample(Contender& contender, const ContainerTree& tree,
                                             const Round& round);

}  // namespace nf::bench
