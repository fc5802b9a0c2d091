// ByteSource: where an archive's bytes come from: an open file, memory, or a function.
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
  // Fills `into` from `at` on, which is inside the size. Called by several threads at once.
  using Reader = Error (*)(const void* context, std::uint64_t at, std::span<std::byte> into);

  static ByteSource of_file(int file, Bytes size) {
    ByteSource source(size.value);
    source.file_ = file;
    return source;
  }
  // Of a descriptor with O_DIRECT: what is read begins and ends at multiples of `alignment()`, in
  // the file and in memory.
  static ByteSource of_direct_file(int file, Bytes size) {
    ByteSource source = of_file(file, size);
    source.alignment_ = kDirectAlignment;
    return source;
  }
  static ByteSource of_memory(std::span<const std::byte> bytes) {
    ByteSource source(bytes.size());
    source.context_ = bytes.data();
    return source;
  }
  static ByteSource of_reader(Reader reader, const void* context, Bytes size) {
    ByteSource source(size.value);
    source.reader_ = reader;
    source.context_ = context;
    return source;
  }

  Bytes size() const { return {size_}; }
  std::uint64_t alignment() const { return alignment_; }  // 1: reads begin and end anywhere
  // Fills `into` from `at` on, or says file_read_failed or file_too_short.
  Error read(std::uint64_t at, std::span<std::byte> into) const;

 private:
  static constexpr std::uint64_t kDirectAlignment = 4096;

  explicit ByteSource(std::uint64_t size) : size_(size) {}

  int file_ = -1;  // none: memory, or a function
  Reader reader_ = nullptr;
  const void* context_ = nullptr;  // the reader's, or the memory
  std::uint64_t size_;
  std::uint64_t alignment_ = 1;
};

}  // namespace nf
