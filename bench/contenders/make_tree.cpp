// Where the containers of a tree come from: an archive, or the generator.
#include <filesystem>

#include <nearfield/archive.h>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/container_tree.h"
#include "bench/contenders/tree_writer.h"
#include "core/codec/codec.h"
#include "core/world/world_tables.h"
#include "formats/import/generate.h"
#include "formats/import/import.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kProgressEvery = 64;  // containers

void tell(const BenchOptions& options, const std::string& what, double done) {
  if (options.progress) options.progress(what, done);
}

std::uint64_t size_of_container(const AssetTable& assets, std::uint32_t first, std::uint32_t last) {
  std::uint64_t size = 0;
  for (std::uint32_t a = first; a < last && size <= kTreeContainerSizeMax; ++a) {
    size += std::min(assets.raw_size[a], kTreeContainerSizeMax + 1);
  }
  return size;
}

// Content, not place: the same world packed twice gives the same tree if its chunks are the same.
std::string key_of(const Archive& archive) {
  const WorldTables& world = archive.world();
  Hasher128 hasher;
  hasher.add(std::as_bytes(world.chunks.checksum.span()));
  hasher.add(std::as_bytes(world.containers.first_asset.span()));
  hasher.add(std::as_bytes(world.assets.name_hash.span()));
  hasher.add(std::as_bytes(world.assets.raw_at.span()));
  return "world_" + hex(hasher.finish()).substr(0, 16);
}

ContainerTree extract_tree(const Archive& archive, const fs::path& folder,
                           const BenchOptions& options) {
  const WorldTables& world = archive.world();
  const ContainerTable& table = world.containers;
  TreeWriter writer(folder);
  std::vector<std::byte> raw;
  for (std::uint32_t id = 0; id < table.count(); ++id) {
    if (id % kProgressEvery == 0) tell(options, "unpacking the world", 1.0 * id / table.count());
    const std::uint32_t first = table.first_asset[id];
    const std::uint32_t last = table.first_asset[id + 1];
    if (size_of_container(world.assets, first, last) > kTreeContainerSizeMax) continue;
    raw.resize(table.raw_size[id]);
    if (const Result<void> read = archive.read_container(ContainerId{id}, raw); !read) {
      throw BenchError(archive.describe(read.error()));
    }
    writer.begin_container();
    for (std::uint32_t a = first; a < last; ++a) {
      writer.add_asset(archive.asset_name(a),
                       std::span<const std::byte>(raw).subspan(world.assets.raw_at[a],
                                                               world.assets.raw_size[a]));
    }
    writer.end_container();
  }
  return writer.finish();
}

ContainerTree tree_of_world(const BenchOptions& options, const fs::path& home,
                            std::vector<std::string>& notes) {
  const Result<Archive> archive = Archive::open(options.world.c_str());
  if (!archive) throw BenchError(describe_open_error(options.world.c_str(), archive.error()));
  const WorldTables& world = archive->world();
  std::uint64_t left_out = 0;
  for (std::uint32_t id = 0; id < world.containers.count(); ++id) {
    const std::uint64_t size = size_of_container(world.assets, world.containers.first_asset[id],
                                                 world.containers.first_asset[id + 1]);
    if (size > kTreeContainerSizeMax) ++left_out;
  }
  if (left_out > 0) {
    notes.push_back(grouped(left_out) + " containers of more than " +
                    human_size({kTreeContainerSizeMax}) + " are left out for everybody");
  }
  const fs::path folder = home / key_of(*archive);
  ContainerTree tree;
  if (read_tree_list(folder, tree)) return tree;
  return extract_tree(*archive, folder, options);
}

ContainerTree write_source(const SourceWorld& source, const fs::path& folder,
                           const BenchOptions& options) {
  TreeWriter writer(folder);
  std::string detail;
  for (const SourceContainer& container : source.containers) {
    tell(options, "unpacking the world", 0);
    writer.begin_container();
    for (const SourceAsset& asset : container.assets) {
      const Result<std::vector<std::byte>> bytes = source.load(asset, detail);
      if (!bytes) throw BenchError(asset.origin + ": " + detail);
      writer.add_asset(asset.name, *bytes);
    }
    writer.end_container();
  }
  return writer.finish();
}

ContainerTree generated_tree(const BenchOptions& options, Bytes size, const fs::path& home) {
  // The generator has no version of its own: another program's worlds, and what was packed from
  // them, go.
  const std::string name =
      text_of("generated_%llu_%llu_", static_cast<unsigned long long>(size.value),
              static_cast<unsigned long long>(options.seed));
  const fs::path folder = home / (name + hex(hash_of_program()).substr(0, 16));
  remove_others(folder, name);
  ContainerTree tree;
  if (read_tree_list(folder, tree)) return tree;
  const fs::path source = home / "generated.partial";
  fs::remove_all(source);
  std::string detail;
  tell(options, "generating a world", 0);
  // What `tell` throws must not pass through the generator and its threads.
  GenerateOptions generate{.size = size, .seed = options.seed, .threads = 0, .progress = nullptr};
  generate.progress = [](const GenerateProgress&) { return !interrupted(); };
  const Result<GenerateReport> generated = generate_world(source.string(), generate, detail);
  tell(options, "generating a world", 1);
  if (!generated) throw BenchError(detail);
  const Result<SourceWorld> world = import_world_file(source.string(), detail);
  if (!world) throw BenchError(detail);
  tree = write_source(*world, folder, options);
  fs::remove_all(source);
  return tree;
}

}  // namespace

ContainerTree make_container_tree(const BenchOptions& options, Bytes generated_size,
                                  std::vector<std::string>& notes) {
  const fs::path home = options.dir / "contenders";
  fs::create_directories(home);
  return options.world.empty() ? generated_tree(options, generated_size, home)
                               : tree_of_world(options, home, notes);
}

}  // namespace nf::bench
