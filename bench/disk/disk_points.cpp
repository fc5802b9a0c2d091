#include "bench/disk/disk_points.h"

namespace nf::bench {

std::string block_text(std::size_t block) {
  return block >= (1u << 20) ? std::to_string(block >> 20) + " MiB"
                             : std::to_string(block >> 10) + " KiB";
}

std::string DiskPoint::name() const {
  return block_text(block) + " x " + std::to_string(depth) +
         (pages == PageKind::huge ? ", huge pages" : ", 4 KiB pages");
}

std::vector<DiskPoint> disk_points(bool look) {
  if (look) return {{4u << 10, 1}, {64u << 10, 64}, {1u << 20, 4}};
  std::vector<DiskPoint> points;
  for (const std::size_t block : {4u << 10, 16u << 10, 64u << 10}) {
    for (const std::size_t depth : {1u, 4u, 16u, 64u}) points.push_back({block, depth});
  }
  for (const std::size_t depth : {1u, 4u, 16u}) points.push_back({256u << 10, depth});
  for (const std::size_t depth : {1u, 2u, 4u, 8u}) points.push_back({1u << 20, depth});
  for (const std::size_t depth : {1u, 2u}) points.push_back({4u << 20, depth});
  // What ordinary pages cost shows where the disk is busy.
  for (const std::size_t block : {4u << 10, 64u << 10}) {
    points.push_back({block, 64, PageKind::ordinary});
  }
  points.push_back({256u << 10, 16, PageKind::ordinary});
  points.push_back({1u << 20, 4, PageKind::ordinary});
  points.push_back({4u << 20, 1, PageKind::ordinary});
  return points;
}

}  // namespace nf::bench
