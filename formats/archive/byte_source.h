// ByteSource: where an archive's bytes come from: an open file, or memory.
//
// A plain value that borrows what it reads from; any thread may read. Files are read with pread,
// never mapped: a file cut short under a mapping ends the process, and bytes that were checked once
// could change before they are used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

class ByteSource {
 public:
  static ByteSource of_file(int file, Bytes size) { return {file, nullptr, size.value}; }
  static ByteSource of_memory(std::span<const std::byte> bytes) {
    return {-1, bytes.data(), bytes.size()};
  }

  Bytes size() const { return {size_}; }
  // Fills `into` from `at` on, or says file_read_failed or file_too_short.
  Error read(std::uint64_t at, std::span<std::byte> into) const;

 private:
  ByteSource(int file, const std::byte* memory, std::uint64_t size)
      : file_(file), memory_(memory), size_(size) {}

  int file_;
  const std::byte* memory_;
  std::uint64_t size_;
};

}  // namespace nf
