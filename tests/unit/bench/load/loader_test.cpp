// What a load takes of memory, and that a cold one is cold however small its world is.
#include "bench/load/loader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace nf::bench {
namespace {

constexpr const char* kWorld = NF_DATA_DIR "/golden/v1_small.nfa";
constexpr Bytes kGigabyte = {1ull << 30};

TEST(ContainerMemory, holds_what_is_under_way) {
  const LoaderOptions few{.ahead = AskAhead::containers(6), .memory = {256ull << 20}};
  EXPECT_EQ(container_memory({3ull << 30}, {4u << 20}, few), Bytes{256ull << 20});
  EXPECT_EQ(container_memory({300u << 20}, {4u << 20}, few), Bytes{100u << 20});
  EXPECT_EQ(container_memory({30u << 20}, {4u << 20}, few), Bytes{28u << 20});
}

TEST(ContainerMemory, has_a_bound_whatever_is_under_way) {
  const LoaderOptions many{.ahead = AskAhead::containers(64 * 64), .memory = {256ull << 20}};
  EXPECT_EQ(container_memory({8ull << 30}, {13u << 20}, many), kGigabyte);
  EXPECT_EQ(container_memory({8ull << 30}, {2ull << 30}, many), Bytes{6ull << 30});
}

// More is under way than the world has, so that its memory would hold all of it for ever.
TEST(Loader, loads_a_small_world_cold_again_and_again) {
  const LoadWorld world(kWorld);
  Loader loader(world,
                {.workers = 1, .ahead = AskAhead::containers(24), .backend = Backend::threads});
  LoadOrder order(world, 7);
  for (int pass = 0; pass < 5; ++pass) {
    const std::vector<std::uint32_t> all = order.next(world.raw_size());
    const LoadSample sample = loader.load_cold(all);
    EXPECT_EQ(sample.kept, 0u);
    EXPECT_EQ(sample.raw, world.raw_size());
    EXPECT_GE(sample.device, world.fetched_size(all));
    EXPECT_EQ(sample.micros.size(), world.containers().size());
  }
}

TEST(Loader, counts_what_is_in_memory_still) {
  const LoadWorld world(kWorld);
  Loader loader(world,
                {.workers = 1, .ahead = AskAhead::containers(24), .backend = Backend::threads});
  LoadOrder order(world, 7);
  EXPECT_EQ(loader.load(order.next(world.raw_size())).kept, 0u);
  EXPECT_EQ(loader.load(order.next(world.raw_size())).kept, world.containers().size());
}

}  // namespace
}  // namespace nf::bench
