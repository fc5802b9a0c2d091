// Where the containers of a tree come from: an archive, or the generator.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nearfield/archive.h>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/container_tree.h"
#include "bench/contenders/file_read.h"
#include "bench/contenders/joined_assets.h"
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
constexpr std::uint64_t kDiskShare = 10;      // of the assets' size, for all that is packed of them

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

// What a world's file was when all of it was read and found sound: another size or time is another
// file, and damage changes no key.
std::string stamp_of(const fs::path& world) {
  struct stat about = {};
  if (::stat(world.c_str(), &about) != 0) throw_errno(world.string());
  const auto number = [](auto value) { return std::to_string(value) + " "; };
  return number(about.st_dev) + number(about.st_ino) + number(about.st_size) +
         number(about.st_mtim.tv_sec) + number(about.st_mtim.tv_nsec) +
         number(about.st_ctim.tv_sec) + number(about.st_ctim.tv_nsec);
}

fs::path stamp_path(const fs::path& folder) {
  return folder / "read_from";
}

bool was_read(const fs::path& folder, const std::string& stamp) {
  std::ifstream file(stamp_path(folder), std::ios::binary);
  return std::string{std::istreambuf_iterator<char>(file), {}} == stamp;
}

void keep_stamp(const fs::path& folder, const std::string& stamp) {
  write_bytes(stamp_path(folder), std::as_bytes(std::span(stamp)));
}

void read_container(const Archive& archive, std::uint32_t id, std::vector<std::byte>& raw) {
  raw.resize(archive.world().containers.raw_size[id]);
  const Result<void> read = archive.read_container(ContainerId{id}, raw);
  if (!read) throw BadInput(archive.describe(read.error()));
}

// Throws, and names the chunk, if one is bad.
void verify(const Archive& archive, const BenchOptions& options) {
  const ContainerTable& table = archive.world().containers;
  std::vector<std::byte> raw;
  for (std::uint32_t id = 0; id < table.count(); ++id) {
    if (id % kProgressEvery == 0) tell(options, "checking the world", 1.0 * id / table.count());
    const std::uint64_t size = size_of_container(archive.world().assets, table.first_asset[id],
                                                 table.first_asset[id + 1]);
    if (size <= kTreeContainerSizeMax) read_container(archive, id, raw);
  }
}

// `disk_size`: what will be written there. A disk that is full helps nobody.
void require_room(const fs::path& home, std::uint64_t disk_size) {
  const fs::space_info space = fs::space(home);
  const std::uint64_t spare = space.capacity / 20;
  if (space.available >= spare && space.available - spare >= disk_size) return;
  throw BenchError(home.string() + ": too little room: the contenders' archives take about " +
                   human_size({disk_size}) + ", " + human_size({space.available}) +
                   " are free and a twentieth of the disk stays so; --dir names another");
}

// Made before anything can go wrong, gone whatever does.
struct RemovedFolder {
  fs::path path;
  explicit RemovedFolder(fs::path folder) : path(std::move(folder)) { fs::remove_all(path); }
  ~RemovedFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  RemovedFolder(const RemovedFolder&) = delete;
  RemovedFolder& operator=(const RemovedFolder&) = delete;
};

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
    read_container(archive, id, raw);
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
  std::uint64_t left_out = 0, taken = 0;
  for (std::uint32_t id = 0; id < world.containers.count(); ++id) {
    const std::uint64_t size = size_of_container(world.assets, world.containers.first_asset[id],
                                                 world.containers.first_asset[id + 1]);
    if (size > kTreeContainerSizeMax) {
      ++left_out;
    } else {
      taken += size;
    }
  }
  if (left_out > 0) {
    notes.push_back(grouped(left_out) + " containers of more than " +
                    human_size({kTreeContainerSizeMax}) + " are left out for everybody");
  }
  const fs::path folder = home / key_of(*archive);
  const std::string stamp = stamp_of(options.world);
  ContainerTree tree;
  if (read_tree_list(folder, tree)) {
    if (was_read(folder, stamp)) return tree;
    verify(*archive, options);
  } else {
    require_room(home, kDiskShare * taken);
    tree = extract_tree(*archive, folder, options);
  }
  keep_stamp(folder, stamp);
  return tree;
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
  require_room(home, kDiskShare * size.value);
  const RemovedFolder partial(home / "generated.partial");
  const fs::path& source = partial.path;
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
  return write_source(*world, folder, options);
}

}  // namespace

ContainerTree make_container_tree(const BenchOptions& options, Bytes generated_size,
                                  std::vector<std::string>& notes) {
  const fs::path home = options.dir / "contenders";
  std::error_code error;
  fs::create_directories(home, error);
  if (error) throw BenchError(home.string() + ": cannot be made: " + error.message());
  try {
    return options.world.empty() ? generated_tree(options, generated_size, home)
                                 : tree_of_world(options, home, notes);
  } catch (...) {
    fs::remove(home, error);  // only if nothing is in it
    throw;
  }
}

}  // namespace nf::bench
