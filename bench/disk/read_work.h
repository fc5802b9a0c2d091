// ReadWork: one sample of random reads, as every reader of the disk suite is asked for it, and what
// it answers.
//
// Plain data, one owner. Memory and file are borrowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nearfield/device.h>

#include "core/base/prng.h"

namespace nf::bench {

struct ReadWork {
  FileHandle file;
  Bytes file_size;
  std::size_t block = 0;
  std::size_t depth = 0;        // reads with the kernel at one time
  std::size_t places = 0;       // blocks of memory used in turn; a Device holds as many reads
  std::span<std::byte> memory;  // `places` blocks
  std::uint64_t seed = 1;       // of the order, and of the content if `compares`
  double seconds = 0;           // no read starts later
  std::uint64_t reads_max = ~0ull;
  bool compares = false;  // every block with what the file was filled with
  bool times = false;     // every read, into ReadSample::latencies_us
};

struct ReadSample {
  std::uint64_t reads = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of the whole process
  std::vector<double> latencies_us;
  std::uint64_t failed = 0;  // errors and short reads
  std::uint64_t wrong = 0;   // blocks with other bytes

  double megabytes_per_second(std::size_t block) const {
    return static_cast<double>(reads * block) * 1e-6 / seconds;
  }
  double cpu_per_gigabyte(std::size_t block) const {
    return cpu_seconds / (static_cast<double>(reads * block) * 1e-9);
  }
};

// What the file holds: a word is a function of its place, so that any block can be checked alone.
inline void fill_content(std::uint64_t at, std::span<std::byte> part) {
  auto* words = reinterpret_cast<std::uint64_t*>(part.data());
  for (std::size_t i = 0; i < part.size() / 8; ++i) words[i] = Prng(at + 8 * i).next();
}

inline bool content_is_right(std::uint64_t at, std::span<const std::byte> part) {
  const auto* words = reinterpret_cast<const std::uint64_t*>(part.data());
  std::uint64_t differences = 0;
  for (std::size_t i = 0; i < part.size() / 8; ++i)
    differences |= words[i] ^ Prng(at + 8 * i).next();
  return differences == 0;
}

}  // namespace nf::bench
