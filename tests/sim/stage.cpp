#include "tests/sim/stage.h"

#include <utility>

namespace nf::sim {

Stage::Stage(std::uint64_t seed, const SimChoices& choices)
    : prng(seed),
      plan(draw_plan(prng, seed, choices)),
      jobs({.workers = plan.streamer.decode_workers,
            .real_threads = choices.real_threads,
            .seed = seed ^ plan.streamer.decode_workers}),
      device(plan.disk, jobs, plan.streamer.read_per_second_max),
      mounts(plan.streamer.spawned_max),
      model(plan.streamer.spawned_max) {}

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
  for (ContainerId id = range->first; id < range->last; ++id.value) {
    check(is_free(id), "a container got the id of another");
    check(id.value >= plan.streamer.spawned_max, "a container got the id of what is spawned");
  }
  check(range->count() == world.tables.containers.count(),
        "an archive has more or fewer ids than containers");
  mounts.add(world, device.file_added_last(), *range);
  model.add(world, apart, *range);
  mounted_last = *range;
  ++result.mounts;
  resident.resize(mounts.count());
  bound.resize(mounts.count());
  return true;
}

bool Stage::is_free(ContainerId id) const {
  if (id.value >= resident.size()) return true;
  return !mounts.exists(id) && !resident[id.value] && bound[id.value] == 0 && !pinned.contains(id);
}

ContainerId Stage::any_frame() {
  if (!plan.moves || prng.chance(0.3)) return ContainerId::none();
  for (int i = 0; i < 4; ++i) {
    const ContainerId id = any_container();
    if (model.has_frame(id)) return id;
  }
  return ContainerId::none();
}

ContainerId Stage::any_container() {
  for (;;) {
    const ContainerId id{static_cast<std::uint32_t>(prng.below(mounts.count()))};
    if (mounts.exists(id)) return id;
  }
}

}  // namespace nf::sim
