// From measurements to the model of a disk.
#include "bench/disk/disk_model.h"

#include <gtest/gtest.h>

#include "bench/disk/disk_points.h"
#include "bench/disk/read_work.h"

namespace nf::bench {
namespace {

TEST(DiskModel, takes_rate_latency_width_and_window_from_where_they_show) {
  const DeviceFile file = model_of({{.block = 4096,
                                     .depth = 1,
                                     .bytes_per_second = 4096 * 10e3,
                                     .latency_us_p50 = 100,
                                     .latency_us_p99 = 300},
                                    {.block = 4096,
                                     .depth = 64,
                                     .bytes_per_second = 4096 * 80e3,
                                     .latency_us_p50 = 800,
                                     .latency_us_p99 = 900},
                                    {.block = 1 << 20, .depth = 2, .bytes_per_second = 1.8e9},
                                    {.block = 1 << 20, .depth = 4, .bytes_per_second = 1.98e9},
                                    {.block = 1 << 20, .depth = 8, .bytes_per_second = 2e9}},
                                   "here");
  EXPECT_EQ(file.name, "here");
  EXPECT_EQ(file.model.bytes_per_second, 2e9);
  EXPECT_EQ(file.model.parallel, 8u) << "80,000 reads a second of 100 us each";
  EXPECT_NEAR(file.model.latency_p50.seconds() * 1e6, 98, 0.1) << "without 2 us on the wire";
  EXPECT_NEAR(file.model.latency_p99.seconds() * 1e6, 298, 0.1);
  EXPECT_EQ(file.reads_in_flight_max.value, 4u << 20);
}

TEST(DiskModel, is_sound_whatever_was_measured) {
  const DeviceFile file = model_of({{.block = 1 << 20,
                                     .depth = 1,
                                     .bytes_per_second = 1e6,
                                     .latency_us_p50 = 10,
                                     .latency_us_p99 = 5}},
                                   "odd");
  EXPECT_GT(file.model.latency_p50.ns, 0);
  EXPECT_GE(file.model.latency_p99, file.model.latency_p50);
  EXPECT_GE(file.model.parallel, 1u);
}

TEST(DiskModel, has_a_window_even_where_small_blocks_are_faster) {
  const DeviceFile file = model_of({{.block = 64 << 10, .depth = 64, .bytes_per_second = 3e9},
                                    {.block = 1 << 20, .depth = 4, .bytes_per_second = 2e9}},
                                   "odd");
  EXPECT_EQ(file.reads_in_flight_max.value, 4u << 20);
}

TEST(DiskContent, is_known_by_place) {
  std::vector<std::byte> part(8192);
  fill_content(4096, part);
  EXPECT_TRUE(content_is_right(4096, part));
  EXPECT_TRUE(content_is_right(8192, std::span(part).subspan(4096)));
  EXPECT_FALSE(content_is_right(0, part));
  part[5000] ^= std::byte{1};
  EXPECT_FALSE(content_is_right(4096, part));
}

TEST(DiskPoints, name_what_they_are) {
  EXPECT_EQ((DiskPoint{64u << 10, 16, PageKind::huge}).name(), "64 KiB x 16, huge pages");
  EXPECT_EQ((DiskPoint{1u << 20, 4, PageKind::ordinary}).name(), "1 MiB x 4, 4 KiB pages");
  EXPECT_LT(disk_points(true).size(), disk_points(false).size());
}

}  // namespace
}  // namespace nf::bench
