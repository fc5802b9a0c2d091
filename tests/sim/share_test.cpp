// Observers that compete for a disk: what each gets, and how long anybody waits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/base/prng.h"
#include "tests/sim/share_flight.h"

namespace nf::sim {
namespace {

#ifdef NF_SANITIZED
constexpr std::uint64_t kSeeds = 40;
#else
constexpr std::uint64_t kSeeds = 1000;
#endif

DeviceModel slow_disk(double bytes_per_second) {
  return {.name = "slow",
          .bytes_per_second = bytes_per_second,
          .latency_p50 = {1'000'000},
          .latency_p99 = {4'000'000},
          .parallel = 4};
}

// Both could use far more than there is.
ShareFlightOptions two_rivals(float weight, float other_weight) {
  ShareFlightOptions options;
  options.disk = slow_disk(4e6);
  options.lanes = {7000, 7000};
  options.flyers = {{.lane = 0, .speed = 1000, .start = 0, .reach = 2000, .weight = weight},
                    {.lane = 1, .speed = 1000, .start = 0, .reach = 2000, .weight = other_weight}};
  options.settle_seconds = 5;
  options.seconds = 60;
  return options;
}

double ratio_of(Bytes a, Bytes b) {
  return static_cast<double>(a.value) / static_cast<double>(b.value);
}

double delivered_ratio(const ShareFlight& flight) {
  return ratio_of(flight.flyers[1].delivered, flight.flyers[0].delivered);
}

TEST(Shares, follow_the_weights_where_the_disk_cannot_serve_all) {
  EXPECT_NEAR(delivered_ratio(fly_shares(two_rivals(1, 1))), 1, 0.05);
  EXPECT_NEAR(delivered_ratio(fly_shares(two_rivals(1, 3))), 3, 0.15);
  EXPECT_NEAR(delivered_ratio(fly_shares(two_rivals(4, 2))), 0.5, 0.025);
}

// Of what is read: how much of that is left behind before it is whole is another matter.
TEST(Shares, do_not_depend_on_the_size_of_containers_or_of_the_disks_window) {
  const auto read_ratio = [](const ShareFlightOptions& options) {
    const ShareFlight flight = fly_shares(options);
    return ratio_of(flight.flyers[1].read, flight.flyers[0].read);
  };
  ShareFlightOptions options = two_rivals(1, 3);
  options.container_size = {1 << 20};
  options.spacing = 160;
  options.lanes = {450, 450};
  EXPECT_NEAR(read_ratio(options), 3, 0.5);
  options = two_rivals(1, 3);
  options.in_flight_max = {2 << 20};
  EXPECT_NEAR(read_ratio(options), 3, 0.5);
}

// What four want is read for one of them at a time: together they get what four get.
TEST(Shares, count_what_many_need_for_each_of_them_in_turn) {
  ShareFlightOptions options = two_rivals(1, 1);
  options.flyers.resize(5, options.flyers[1]);
  const ShareFlight flight = fly_shares(options);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_NEAR(ratio_of(flight.flyers[i].read, flight.flyers[0].read), 1, 0.15) << i;
  }
  EXPECT_GT(delivered_ratio(flight), 3.5);
}

Duration longest_quiet_wait(const ShareFlight& flight) {
  Duration longest;
  for (std::size_t i = 0; i + 1 < flight.flyers.size(); ++i) {
    longest = std::max(longest, flight.flyers[i].longest_wait);
  }
  return longest;
}

TEST(Shares, keep_one_who_rushes_from_delaying_a_hundred_who_walk) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const ShareFlight flight = fly_shares(greedy_flight(seed));
    EXPECT_LT(longest_quiet_wait(flight), kQuietWaitMax) << "seed " << seed;
    EXPECT_GT(flight.flyers.back().delivered.value, 60'000'000u) << "seed " << seed;
  }
}

#ifndef NF_SANITIZED
TEST(Shares, would_be_missed) {
  const int status = std::system((std::string(NF_BIN_DIR) + "/sim_without_shares").c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1) << "nobody waited for the one who rushes";
}
#endif

// They come from where nothing is, so that nothing is late from the start.
TEST(Shares, change_nothing_while_the_disk_keeps_up) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Prng prng(seed);
    ShareFlightOptions options;
    options.seed = seed;
    options.disk = *find_device_model("nvme");
    options.in_flight_max = {4 << 20};
    options.lanes.resize(21, 1000);
    for (std::uint32_t lane = 0; lane < 20; ++lane) {
      options.flyers.push_back({.lane = lane,
                                .speed = prng.between(20, 60),
                                .start = -prng.between(50, 200),
                                .reach = 15});
    }
    options.flyers.push_back({.lane = 20, .speed = 400, .start = -5000, .reach = 3000});
    options.seconds = 15;
    const ShareFlight equal = fly_shares(options);
    for (ShareFlyer& flyer : options.flyers) {
      flyer.weight = static_cast<float>(std::pow(10, prng.between(-2, 2)));
    }
    EXPECT_EQ(fly_shares(options).event_hash, equal.event_hash) << "seed " << seed;
    EXPECT_GT(equal.flyers.back().delivered.value, 30'000'000u);
    options.disk = slow_disk(1e6);
    const ShareFlight weighted = fly_shares(options);
    for (ShareFlyer& flyer : options.flyers) flyer.weight = 1;
    EXPECT_NE(fly_shares(options).event_hash, weighted.event_hash) << "seed " << seed;
  }
}

// Crowds on disks that are too slow for them. Nobody needs more at one time than lies within reach,
// and so waits no longer than its share of the disk takes for that, however much others want.
ShareFlightOptions random_rivals(std::uint64_t seed) {
  Prng prng(seed);
  ShareFlightOptions options;
  options.seed = seed;
  options.disk = slow_disk(std::pow(10, prng.between(6, 6.7)));
  options.container_size = {16384u << prng.below(3)};
  options.in_flight_max = {65536u << prng.below(3)};
  options.lanes.resize(1 + prng.below(6), 400);
  const auto count = 2 + prng.below(7);
  for (std::uint64_t i = 0; i < count; ++i) {
    const double busy = std::pow(10, prng.between(0, 1.7));  // containers within reach
    options.flyers.push_back({.lane = static_cast<std::uint32_t>(prng.below(options.lanes.size())),
                              .speed = std::pow(10, prng.between(0, 2.5)),
                              .start = prng.between(0, 3900),
                              .reach = busy * options.spacing / 2,
                              .weight = static_cast<float>(std::pow(4, prng.between(-1, 1)))});
  }
  options.seconds = 8;
  return options;
}

double bound_of(const ShareFlightOptions& options, const ShareFlyer& flyer) {
  double weights = 0;
  for (const ShareFlyer& other : options.flyers) weights += static_cast<double>(other.weight);
  const double rate = options.disk.bytes_per_second;
  const double within = 2 * (flyer.reach + 1) / options.spacing + 2;
  const double own = within * static_cast<double>(options.container_size.value);
  // And of others what the disk holds already, and a turn or two of each.
  const double held = static_cast<double>(options.in_flight_max.value) * 2 +
                      2 * static_cast<double>(options.flyers.size() * options.container_size.value);
  return 1.25 * own * weights / (static_cast<double>(flyer.weight) * rate) + held / rate + 0.2;
}

TEST(Shares, let_nobody_starve) {
  double nearest = 0;
  std::uint64_t waits = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ShareFlightOptions options = random_rivals(seed);
    const ShareFlight flight = fly_shares(options);
    for (std::size_t i = 0; i < options.flyers.size(); ++i) {
      const double bound = bound_of(options, options.flyers[i]);
      const double waited = flight.flyers[i].longest_wait.seconds();
      ASSERT_LT(waited, bound) << "seed " << seed << ", observer " << i;
      nearest = std::max(nearest, waited / bound);
      waits += flight.flyers[i].needed;
    }
  }
  EXPECT_GT(nearest, 0.4);  // the bound says something
  EXPECT_GT(waits, 50 * kSeeds);
}

}  // namespace
}  // namespace nf::sim
