// device_probe FILE [lockdown|again]: reads a file through whatever Device opens here and prints
//   backend NAME
//   reason SENTENCE
//   registered BYTES  of the memory that is read into
//   hash HEX        of all bytes in their order
// With `lockdown`, io_uring is refused to every thread after half of the reads were submitted; with
// `again`, nine Devices came and went before, and the least that one of the ten registered counts.
// Exit codes: 0 done, 1 a read failed, 2 wrong use, 3 no file, 4 no device, 125 no filters here.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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
  const bool again = count > 2 && std::strcmp(arguments[2], "again") == 0;
  const int file = ::open(arguments[1], O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) return 3;
  const auto size = static_cast<std::uint64_t>(about.st_size);

  const std::uint64_t whole = align_up(size, kPart);
  Result<PageBlock> memory = PageBlock::map(Bytes{whole}, PageKind::huge);
  if (!memory) return 4;
  Result<OpenedDevice> opened = open_device({});
  if (!opened) return 4;
  std::uint64_t registered = opened->device->register_memory(memory->bytes().first(whole)).value;
  for (int i = 1; again && i < 10; ++i) {
    opened->device.reset();
    opened = open_device({});
    if (!opened) return 4;
    registered =
        std::min(registered, opened->device->register_memory(memory->bytes().first(whole)).value);
  }
  Device& device = *opened->device;
  std::printf("backend %s\nreason %s\nregistered %llu\n", device.name(),
              opened->fallback_reason.c_str(), static_cast<unsigned long long>(registered));

  Result<FileId> id = device.add_file({.buffered = file});
  if (!id) return 4;
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
