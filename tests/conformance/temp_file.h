// A file of known bytes in TMPDIR that is gone with its object.
// Any thread; owns its descriptors.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <nearfield/device.h>

#include "core/base/assert.h"
#include "core/base/prng.h"

namespace nf::test {

// The content of file `seed`, 8 bytes at a time: any part of it can be checked alone.
inline void fill_content(std::span<std::byte> into, std::uint64_t seed, std::uint64_t at) {
  for (std::size_t i = 0; i < into.size();) {
    const std::uint64_t place = at + i;
    const std::uint64_t word = Prng(seed * 0x1000003u + place / 8).next();
    const std::size_t from = place % 8;
    const std::size_t count = std::min<std::size_t>(8 - from, into.size() - i);
    std::memcpy(into.data() + i, reinterpret_cast<const std::byte*>(&word) + from, count);
    i += count;
  }
}

inline bool holds_content(std::span<const std::byte> bytes, std::uint64_t seed, std::uint64_t at) {
  std::vector<std::byte> right(bytes.size());
  fill_content(right, seed, at);
  return bytes.empty() || std::memcmp(right.data(), bytes.data(), bytes.size()) == 0;
}

class TempFile {
 public:
  TempFile(std::uint64_t size, std::uint64_t seed) : seed_(seed), size_(size) {
    const char* folder = ::getenv("TMPDIR");
    path_ = std::string(folder != nullptr ? folder : "/tmp") + "/nearfield_XXXXXX";
    buffered_ = ::mkstemp(path_.data());
    NF_ASSERT(buffered_ >= 0);
    std::vector<std::byte> part(std::size_t{1} << 20);
    for (std::uint64_t at = 0; at < size;) {
      const std::size_t count = std::min<std::uint64_t>(part.size(), size - at);
      fill_content({part.data(), count}, seed, at);
      NF_ASSERT(::pwrite(buffered_, part.data(), count, static_cast<off_t>(at)) ==
                static_cast<ssize_t>(count));
      at += count;
    }
    // Some file systems have no direct reads; then everything goes through the page cache.
    direct_ = ::open(path_.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile() {
    ::close(buffered_);
    if (direct_ >= 0) ::close(direct_);
    ::unlink(path_.c_str());
  }

  FileHandle handle() const { return {.buffered = buffered_, .direct = direct_}; }
  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
  std::uint64_t size_;
  std::string path_;
  int buffered_ = -1;
  int direct_ = -1;
};

}  // namespace nf::test
