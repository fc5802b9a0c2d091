// The disks that `--device NAME` knows. Figures are those of ordinary consumer hardware as data
// sheets give them, rounded: random reads of 4 KiB for the latency, large reads for the rate.
#include <array>

#include "core/io/sim_device.h"

namespace nf {
namespace {

using namespace literals;

constexpr std::array kModels = {
    // No disk: what the rest of the pipeline costs.
    DeviceModel{.name = "ideal",
                .bytes_per_second = 1e12,
                .latency_p50 = 1_us,
                .latency_p99 = 1_us,
                .parallel = 64},
    // PCIe 4.0 x4, TLC flash with DRAM: 7 GB/s, about 60 us.
    DeviceModel{.name = "nvme_gen4",
                .bytes_per_second = 6.8e9,
                .latency_p50 = 60_us,
                .latency_p99 = 250_us,
                .parallel = 64},
    // PCIe 3.0 x4: 3.5 GB/s on the box, 3 in practice.
    DeviceModel{.name = "nvme",
                .bytes_per_second = 3.0e9,
                .latency_p50 = 90_us,
                .latency_p99 = 500_us,
                .parallel = 32},
    // SATA 6 Gbit/s ends at 550 MB/s; 32 commands in the queue.
    DeviceModel{.name = "sata_ssd",
                .bytes_per_second = 530e6,
                .latency_p50 = 130_us,
                .latency_p99 = 1500_us,
                .parallel = 32},
    // 7200 turns a minute: 4.2 ms for half a turn and 8 ms for an average seek; one arm.
    DeviceModel{.name = "hdd",
                .bytes_per_second = 180e6,
                .latency_p50 = 12_ms,
                .latency_p99 = 28_ms,
                .parallel = 1,
                .adjacent_latency = 0.01},
    // A microSD card. Bus UHS-I ends at 104 MB/s, 90 in practice; application class A1 of the SD
    // Association promises 1,500 random reads of 4 KiB a second at least.
    DeviceModel{.name = "sd_card",
                .bytes_per_second = 90e6,
                .latency_p50 = 650_us,
                .latency_p99 = 8_ms,
                .parallel = 1,
                .adjacent_latency = 0.5},
    // A file server on gigabit Ethernet.
    DeviceModel{.name = "network",
                .bytes_per_second = 115e6,
                .latency_p50 = 500_us,
                .latency_p99 = 5_ms,
                .parallel = 16},
    // A line of 100 Mbit/s to a content server in the same country.
    DeviceModel{.name = "broadband",
                .bytes_per_second = 12e6,
                .latency_p50 = 25_ms,
                .latency_p99 = 120_ms,
                .parallel = 8},
};

}  // namespace

std::span<const DeviceModel> device_models() {
  return kModels;
}

const DeviceModel* find_device_model(std::string_view name) {
  for (const DeviceModel& model : kModels) {
    if (name == model.name) return &model;
  }
  return nullptr;
}

}  // namespace nf
