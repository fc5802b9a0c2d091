#include "bench/flight/made_world.h"

#include "formats/import/generate.h"
#include "formats/import/import.h"
#include "formats/pack/pack.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

// The share of the suite's progress that making the world takes.
constexpr double kMaking = 0.1;

}  // namespace

MadeWorld::MadeWorld(const BenchOptions& options, Bytes size) : path_(options.world) {
  if (path_.empty()) generate_and_pack(options, size);
  Result<Archive> archive = Archive::open(path_.c_str());
  if (!archive) throw BenchError(describe_open_error(path_.c_str(), archive.error()));
  archive_ = std::make_unique<Archive>(std::move(*archive));
  const auto mounted = world_.mount(archive_->world(), FileId{0});
  if (!mounted) throw BenchError(path_.string() + ": " + cause_of(mounted.error()));
}

void MadeWorld::generate_and_pack(const BenchOptions& options, Bytes size) {
  folder_ = std::make_unique<ScratchFolder>(options.dir, "flight");
  const std::filesystem::path source = folder_->path() / "source";
  path_ = folder_->path() / "world.nfa";
  const auto say = [&](const char* what, double part) {
    if (options.progress) options.progress(what, kMaking * part);
  };
  // What `say` throws must not pass through the generator and the packer, which have threads:
  // inside they are only told to stop, and it is said before and after.
  std::string detail;
  GenerateOptions generate{.size = size, .seed = options.seed, .threads = 0, .progress = {}};
  generate.progress = [](const GenerateProgress&) { return !interrupted(); };
  say("generating a world", 0);
  const auto generated = generate_world(source.string(), generate, detail);
  say("packing it", 0.5);
  if (!generated) throw BenchError("generating a world: " + detail);
  const Result<SourceWorld> world = import_source(source.string(), ImportKind::automatic, detail);
  if (!world) throw BenchError("the generated world: " + detail);
  PackOptions pack;
  pack.progress = [](const PackProgress&) { return !interrupted(); };
  const Result<PackReport> packed = pack_world(*world, path_.string(), pack, detail);
  say("packing it", 1);
  if (!packed) throw BenchError("packing the generated world: " + detail);
  std::filesystem::remove_all(source);
}

}  // namespace nf::bench
