#include "tests/sim/stage.h"

#include <utility>

namespace nf::sim {

Stage::Stage(std::uint64_t seed, const SimChoices& choices)
    : prng(seed),
      plan(draw_plan(prng, seed, choices)),
      jobs({.workers = plan.streamer.decode_workers,
            .real_threads = choices.real_threads,
            .seed = seed ^ plan.streamer.decode_workers}),
      device(plan.disk, jobs) {}

bool Stage::open() {
  StreamerOptions options = plan.streamer;
  options.device = &device;
  options.jobs = jobs.system();
  auto made = Streamer::create(options);
  if (!check(made.has_value(), "the streamer cannot be made")) return false;
  streamer = std::move(*made);
  return mount(*plan.first, false);
}

bool Stage::mount(const SimWorld& world, bool apart) {
  const FileHandle file = device.add_memory_file(world.file);
  const auto range = streamer->mount({.tables = &world.tables, .file = file, .apart = apart});
  if (!check(range.has_value(), "mount failed")) return false;
  check(range->first.value == mounts.count(), "an archive's ids are not the next ones");
  mounts.add(world);
  model.add(world, apart);
  ++result.mounts;
  check(range->last.value == mounts.count(), "an archive has more or fewer ids than containers");
  resident.resize(mounts.count());
  return true;
}

}  // namespace nf::sim
