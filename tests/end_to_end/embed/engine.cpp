// The least an engine does: opens the world it is given and brings every container of it in once.
#include <nearfield/nearfield.h>

#include <cstdio>

using namespace nf::literals;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto archive = nf::Archive::open(argv[1]);
  if (!archive) {
    std::fprintf(stderr, "%s\n", nf::describe_open_error(argv[1], archive.error()).c_str());
    return 1;
  }
  auto streamer = nf::Streamer::create({.memory_budget = 64_MiB});
  if (!streamer) return 1;
  auto mounted = streamer->mount(archive->source());
  if (!mounted) return 1;
  std::size_t assets = 0;
  for (std::uint32_t i = 0; i < mounted->count(); ++i) {
    const nf::Pin pin = streamer->pin({mounted->first.value + i});
    if (!streamer->wait(pin, nf::Time{}, 10_s)) return 1;
    assets += pin.asset_count();
  }
  std::printf("%u containers, %zu assets\n", mounted->count(), assets);
  return assets > 0 ? 0 : 1;
}
