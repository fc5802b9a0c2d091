// device_probe FILE [lockdown]: reads a file through whatever Device opens here and prints
//   backend NAME
//   reason SENTENCE
//   registered BYTES  of the memory that is read into
//   hash HEX        of all bytes in their order
// With `lockdown`, io_uring is refused to every thread after half of the reads were submitted.
// Exit codes: 0 done, 1 a read failed, 2 wrong use, 3 no file, 4 no device, 125 no filters here.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/base/checked.h"
#include "core/base/pages.h"
#include "core/io/device_link.h"
#include "core/io/devices.h"
#include "tests/conformance/deny_uring.h"

namespace {

using namespace nf;

constexpr std::uint64_t kPart = 64 << 10;

// Fowler, Noll, Vo: FNV-1a, 64 bits.
std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const std::byte byte : bytes) {
    hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3ull;
  }
  return hash;
}

// Submits all of them and takes all results; false if one failed.
bool read_all(Device& device, std::span<const Read> reads, bool lockdown) {
  std::size_t submitted = 0;
  std::size_t finished = 0;
  while (finished < reads.size()) {
    const bool first_half = lockdown && submitted < reads.size() / 2;
    const std::size_t until = first_half ? reads.size() / 2 : reads.size();
    const auto next = reads.subspan(submitted, until - submitted);
    submitted += device.submit(next, DeviceLink::steady_now());
    if (lockdown && submitted >= reads.size() / 2) {
      if (!test::deny_uring({.os_error = EPERM, .all_threads = true})) std::exit(125);
      lockdown = false;
    }
    device.wait(Duration{1'000'000'000});
    for (const ReadDone& done : device.reap(DeviceLink::steady_now())) {
      if (done.error) return false;
      ++finished;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const bool lockdown = count > 2 && std::strcmp(arguments[2], "lockdown") == 0;
  const int file = ::open(arguments[1], O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) return 3;
  const auto size = static_cast<std::uint64_t>(about.st_size);

  Result<OpenedDevice> opened = open_device({});
  if (!opened) return 4;
  Device& device = *opened->device;
  std::printf("backend %s\nreason %s\n", device.name(), opened->fallback_reason.c_str());

  Result<PageBlock> memory = PageBlock::map(Bytes{align_up(size, kPart)}, PageKind::huge);
  Result<FileId> id = device.add_file({.buffered = file});
  if (!memory || !id) return 4;
  const auto registered = static_cast<unsigned long long>(
      device.register_memory(memory->bytes().first(align_up(size, kPart))).value);
  std::printf("registered %llu\n", registered);
  std::vector<Read> reads;
  for (std::uint64_t at = 0; at < size; at += kPart) {
    reads.push_back({.file = *id,
                     .at = {at},
                     .into = memory->bytes().subspan(at, kPart),
                     .tag = {at},
                     .deadline = {static_cast<std::int64_t>(at)}});
  }
  if (!read_all(device, reads, lockdown)) return 1;
  std::printf("hash %016llx\n",
              static_cast<unsigned long long>(hash_of(memory->bytes().first(size))));
  return 0;
}
