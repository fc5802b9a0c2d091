// Every single-bit flip and every truncation of the golden archives, and random damage on top: the
// right bytes or an error, never anything else, and no memory worth mentioning. The cases are
// shards of one campaign, so that they run side by side.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/base/prng.h"
#include "tests/golden/archive_surgery.h"
#include "tests/golden/mutant.h"

namespace nf {
namespace {

using sample::GoldenArchive;
using Outcome = GoldenArchive::Outcome;

constexpr const char* kFiles[] = {"v1_small.nfa", "v1_motion_and_gates.nfa"};
constexpr std::size_t kShards = 8;    // of each file
constexpr int kRandomMutants = 5000;  // a shard
#ifdef NF_SANITIZED
constexpr long kMemoryMax = 1l << 20;  // KiB over the start; a sanitizer keeps what is freed
#else
constexpr long kMemoryMax = 64l << 10;
#endif

const GoldenArchive& golden(std::size_t file) {
  static const std::string kFolder = std::string(NF_DATA_DIR) + "/golden/";
  static const GoldenArchive archives[] = {GoldenArchive(kFolder + kFiles[0]),
                                           GoldenArchive(kFolder + kFiles[1])};
  return archives[file];
}

long peak_memory() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// Judges mutants and counts; fails on the first wrong byte, and on memory when it goes.
class Campaign {
 public:
  explicit Campaign(const GoldenArchive& golden) : golden_(golden) {}
  ~Campaign() { EXPECT_LE(peak_memory() - memory_before_, kMemoryMax); }

  void judge(std::span<const std::byte> mutant, const char* what, std::size_t at) {
    const Outcome outcome = golden_.judge(mutant);
    ASSERT_NE(outcome, Outcome::wrong) << what << " " << at;
    ++(outcome == Outcome::right ? right_ : refused_);
  }
  std::size_t right() const { return right_; }
  std::size_t refused() const { return refused_; }

 private:
  const GoldenArchive& golden_;
  const long memory_before_ = peak_memory();
  std::size_t right_ = 0;
  std::size_t refused_ = 0;
};

class Mutation : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { ASSERT_TRUE(archive().sound()); }
  std::size_t shard() const { return GetParam() % kShards; }
  const GoldenArchive& archive() const { return golden(GetParam() / kShards); }
};
INSTANTIATE_TEST_SUITE_P(Shard, Mutation,
                         testing::Range<std::size_t>(0, kShards* std::size(kFiles)));

TEST_P(Mutation, of_any_single_bit_gives_the_right_bytes_or_an_error) {
  Campaign campaign(archive());
  std::vector<std::byte> mutant = archive().bytes();
  for (std::size_t at = shard(); at < mutant.size(); at += kShards) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      mutant[at] ^= std::byte{1} << bit;
      campaign.judge(mutant, "flipped a bit of byte", at);
      mutant[at] ^= std::byte{1} << bit;
    }
    if (HasFatalFailure()) return;
  }
  // Both happen: padding is not looked at, everything else is.
  EXPECT_GT(campaign.right(), 0u);
  EXPECT_GT(campaign.refused(), 0u);
}

TEST_P(Mutation, by_cutting_the_file_short_is_always_refused) {
  Campaign campaign(archive());
  const std::span<const std::byte> bytes = archive().bytes();
  for (std::size_t size = shard(); size < bytes.size(); size += kShards) {
    campaign.judge(bytes.first(size), "cut to", size);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(campaign.right(), 0u);
}

// Overwrites bytes, moves, swaps, inserts and removes runs of them, a few at a time.
void damage(std::vector<std::byte>& bytes, Prng& prng) {
  const std::size_t at = prng.below(bytes.size());
  const std::size_t size = std::min<std::size_t>(1 + prng.below(64), bytes.size() - at);
  const std::size_t other = prng.below(bytes.size() - size + 1);
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = begin + static_cast<std::ptrdiff_t>(size);
  switch (prng.below(7)) {
    case 0:
      std::generate(begin, end, [&] { return static_cast<std::byte>(prng.below(256)); });
      break;
    case 1: std::fill(begin, end, std::byte{0xFF}); break;
    case 2: std::fill(begin, end, std::byte{0}); break;
    case 3: std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(other), size, begin); break;
    case 4: std::swap_ranges(begin, end, bytes.begin() + static_cast<std::ptrdiff_t>(other)); break;
    case 5: bytes.insert(begin, size, std::byte{0x41}); break;
    default:
      if (bytes.size() > size + 1) bytes.erase(begin, end);
  }
}

TEST_P(Mutation, at_random_places_gives_the_right_bytes_or_an_error) {
  Campaign campaign(archive());
  Prng prng(1000 + GetParam());
  for (int i = 0; i < kRandomMutants; ++i) {
    std::vector<std::byte> mutant = archive().bytes();
    for (std::uint64_t times = 1 + prng.below(8); times > 0; --times) damage(mutant, prng);
    campaign.judge(mutant, "random mutant", static_cast<std::size_t>(i));
    if (HasFatalFailure()) return;
  }
}

// What judges the others is judged: a value that is sound, but not the golden archive's, is wrong
// once no checksum gives it away.
TEST(GoldenArchive, calls_another_value_in_a_table_wrong) {
  const auto changed = [](std::size_t table, std::size_t field, std::byte flip) {
    std::vector<std::byte> mutant = golden(0).bytes();
    mutant[sample::record_at(mutant, table, 1) + field] ^= flip;
    sample::repair_checksums(mutant);
    return golden(0).judge(mutant);
  };
  constexpr std::size_t kContainers = wire::kContainersTable;
  constexpr std::byte kLowBit{1};
  constexpr std::byte kSign{0x80};
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, position), kLowBit),
            Outcome::wrong);
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, rotation) + 3, kSign),
            Outcome::wrong);
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, bounds_center), kLowBit),
            Outcome::wrong);
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, load_distance), kLowBit),
            Outcome::wrong);
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, activation_cost), kLowBit),
            Outcome::wrong);
  EXPECT_EQ(changed(wire::kAssetsTable, offsetof(wire::AssetRecord, kind), kLowBit),
            Outcome::wrong);
  EXPECT_EQ(changed(kContainers, offsetof(wire::ContainerRecord, parent), std::byte{0}),
            Outcome::right);
}

TEST(GoldenArchive, calls_another_value_of_motion_or_of_a_gate_wrong) {
  const auto changed = [](std::size_t table, std::uint64_t record, std::size_t field,
                          std::byte flip) {
    std::vector<std::byte> mutant = golden(1).bytes();
    mutant[sample::record_at(mutant, table, record) + field] ^= flip;
    sample::repair_checksums(mutant);
    return golden(1).judge(mutant);
  };
  constexpr std::size_t kGates = wire::kGatesTable;
  using wire::ContainerRecord;
  using wire::GateRecord;
  const std::byte low{1};
  EXPECT_EQ(changed(wire::kContainersTable, 1, offsetof(ContainerRecord, flags), std::byte{2}),
            Outcome::wrong);
  EXPECT_EQ(changed(wire::kContainersTable, 2, offsetof(ContainerRecord, refinement), std::byte{3}),
            Outcome::wrong);
  for (const std::size_t field :
       {offsetof(GateRecord, target_path_low), offsetof(GateRecord, position),
        offsetof(GateRecord, target_position), offsetof(GateRecord, radius),
        offsetof(GateRecord, lead_time)}) {
    EXPECT_EQ(changed(kGates, 1, field, low), Outcome::wrong) << field;
  }
  EXPECT_EQ(changed(kGates, 0, offsetof(GateRecord, container), std::byte{2}), Outcome::refused);
  EXPECT_EQ(changed(kGates, 1, offsetof(GateRecord, name_at), std::byte{0}), Outcome::right);
}

}  // namespace
}  // namespace nf
