// SliceReader where direct reads are refused one by one, as some file systems do.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <nearfield/archive.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <thread>

#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace nf {
namespace {

using sample::ByteVector;
using sample::TemporaryFolder;

constexpr std::uint32_t kLowWord = std::endian::native == std::endian::big ? 4 : 0;

// From now on every pread of `file` by this thread ends with `os_error`. False: the kernel has no
// such filters.
bool refuse_reads(int file, unsigned os_error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pread64, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + kLowWord),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(file), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | os_error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{.len = std::size(filter), .filter = filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct Attempt {
  bool filtered = false;
  bool direct_before = false, direct_after = false;
  ErrorCode code = ErrorCode::ok;  // of the first read
  bool right = false;              // both reads
};

// In a thread of its own, which takes the filter with it.
Attempt read_refused(const Archive& archive, const sample::Packed& packed, unsigned os_error) {
  Attempt attempt;
  std::thread([&] {
    SliceReader reader(archive, {.direct = true});
    attempt.direct_before = reader.direct();
    attempt.filtered = refuse_reads(archive.source().file.direct, os_error);
    if (!attempt.filtered) return;
    const WorldTables& world = archive.world();
    const std::uint32_t asset = world.containers.first_asset[4];
    const std::byte* right = packed.raw[4].data() + world.assets.raw_at[asset];
    attempt.right = true;
    for (int round = 0; round < 2; ++round) {
      ByteVector bytes(world.assets.raw_size[asset]);
      const Result<void> read =
          reader.read({.container = {4}, .asset = asset, .from = {}, .into = bytes});
      if (!read && round == 0) attempt.code = read.error().code;
      attempt.right &= read && std::equal(bytes.begin(), bytes.end(), right);
    }
    attempt.direct_after = reader.direct();
  }).join();
  return attempt;
}

TEST(SliceReader, reads_through_the_page_cache_once_a_direct_read_is_refused) {
  const TemporaryFolder folder;
  sample::Packed packed = sample::pack(sample::golden_world());
  const std::string path = folder.file("world.nfa");
  ASSERT_TRUE(sample::write(packed, path));
  const Result<Archive> archive = Archive::open(path.c_str());
  ASSERT_TRUE(archive);
  if (archive->source().file.direct < 0) GTEST_SKIP() << "this file system has no O_DIRECT";
  const Attempt refused = read_refused(*archive, packed, EINVAL);
  if (!refused.filtered) GTEST_SKIP() << "the kernel takes no seccomp filter";
  EXPECT_TRUE(refused.direct_before);
  EXPECT_TRUE(refused.right);
  EXPECT_FALSE(refused.direct_after);
  const Attempt broken = read_refused(*archive, packed, EIO);  // the disk's own error stays one
  EXPECT_EQ(broken.code, ErrorCode::file_read_failed);
  EXPECT_TRUE(broken.direct_after);
}

}  // namespace
}  // namespace nf
