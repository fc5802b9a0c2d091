// The least an engine does, against what is installed and nothing else: opens the worlds it is
// given, brings every container of them in once, and asks for what it got by name.
#include <nearfield/nearfield.h>

#include <cstdio>

#if __has_include("core/world/world.h") || __has_include("tools/nearfield/main.cpp")
#error "an engine sees more of nearfield than its public headers"
#endif

using namespace nf::literals;

namespace {

struct Found {
  std::size_t assets = 0;
  std::size_t gates = 0;
};

// From an asset's bytes to its name, and from the name to the same bytes.
bool names_its_assets(const nf::Archive& archive, const nf::Pin& pin, Found& found) {
  for (std::uint32_t i = 0; i < pin.asset_count(); ++i) {
    const nf::AssetView asset = pin.asset(i);
    const std::string_view name = archive.asset_name(asset.index);
    if (nf::asset_id(name) != asset.id) return false;
    const auto bytes = pin.find(nf::asset_id(name));
    if (!bytes || bytes->data() != asset.bytes.data()) return false;
    ++found.assets;
  }
  return true;
}

bool names_its_gates(const nf::Archive& archive, const nf::Streamer& streamer, nf::ContainerId id,
                     Found& found) {
  const nf::GateRange gates = streamer.gates_of(id);
  for (std::uint32_t i = 0; i < gates.count; ++i) {
    const std::string_view name = archive.gate_name(gates[i]);
    if (name.empty() || streamer.find_gate(id, name) != gates[i]) return false;
    ++found.gates;
  }
  return true;
}

// From what is mounted to what the archive calls it, and up the tree to the root.
bool places_it(const nf::Archive& archive, const nf::Streamer& streamer, nf::ContainerId id) {
  const nf::ContainerView view = streamer.container(id);
  if (view.id != id || nf::path_hash(archive.container_path(view.in_archive)) != view.path) {
    return false;
  }
  if (!view.parent.valid()) return id == view.archive_root;
  return streamer.container(view.parent).subtree.contains(id);
}

int play(const char* world, Found& found) {
  auto archive = nf::Archive::open(world);
  if (!archive) {
    std::fprintf(stderr, "%s\n", nf::describe_open_error(world, archive.error()).c_str());
    return 1;
  }
  auto streamer = nf::Streamer::create({.memory_budget = 64_MiB, .spawned_max = 3});
  if (!streamer) return 1;
  auto mounted = streamer->mount(archive->source());
  if (!mounted) return 1;
  for (std::uint32_t i = 0; i < mounted->count(); ++i) {
    const nf::ContainerId id{mounted->first.value + i};
    const nf::Pin pin = streamer->pin(id);
    if (!streamer->wait(pin, nf::Time{}, 10_s)) return 1;
    if (!names_its_assets(*archive, pin, found)) return 1;
    if (!places_it(*archive, *streamer, id)) return 1;
    if (!names_its_gates(*archive, *streamer, id, found)) return 1;
  }
  if (!archive->gate_name(nf::GateId{}).empty()) return 1;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Found found;
  for (int i = 1; i < argc; ++i) {
    if (const int status = play(argv[i], found); status != 0) return status;
  }
  std::printf("%zu assets, %zu gates\n", found.assets, found.gates);
  return found.assets > 0 && found.gates > 0 ? 0 : 1;
}
