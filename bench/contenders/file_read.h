// FileRead: the plain ways to read a file, for the contenders that do it themselves.
//
// Any thread. Throws BenchError with the name given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace nf::bench {

class ReadFile {  // a descriptor that closes itself
 public:
  // `folder` may be AT_FDCWD.
  ReadFile(int folder, const char* path, int flags);
  explicit ReadFile(const std::filesystem::path& path);
  ReadFile(const ReadFile&) = delete;
  ReadFile& operator=(const ReadFile&) = delete;
  ~ReadFile();

  int descriptor() const { return file_; }
  // All of `into`, from `at` on.
  void read(std::uint64_t at, std::span<std::byte> into) const;

 private:
  int file_ = -1;
};

[[noreturn]] void throw_errno(const std::string& subject);  // "subject: No such file or directory"

// Of direct reads: the offset, the size and the address.
inline constexpr std::uint64_t kDirectAlignment = 4096;

// Reads whole pages around [at, at + size) of a file opened with O_DIRECT into `pages`, which is
// aligned and has room for size + 8 KiB; returns the part that was asked for.
std::span<const std::byte> read_direct(const ReadFile& file, std::uint64_t at, std::uint64_t size,
                                       std::span<std::byte> pages);

}  // namespace nf::bench
