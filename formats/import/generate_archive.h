// generate_archive: worlds with millions of containers and assets, straight into an archive: no
// folder could hold as many files.
//
// The same options give the same bytes, whatever the number of threads. All tables are real, each
// asset has a name of its own; the bytes of an asset are noise, made when the packer asks for them.
// Thread: uses threads of its own; `progress` is called on the caller's thread only.
// Memory: some 300 bytes an asset and 600 a container, until the archive is whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <nearfield/result.h>
#include <nearfield/types.h>

#include "formats/import/generate.h"
#include "formats/pack/source_world.h"

namespace nf {

enum class ArchiveRecipe : std::uint8_t {
  system,  // one star system (generate_system.h)
  galaxy,  // many, and gates between them (generate_galaxy.h)
};

struct GenerateArchiveOptions {
  ArchiveRecipe recipe = ArchiveRecipe::system;
  std::uint32_t systems = 1;  // of a galaxy
  std::uint32_t containers = 100'000;
  std::uint32_t assets = 1'000'000;
  Bytes asset_size = {16};
  std::uint64_t seed = 1;
  std::uint32_t threads = 0;                              // 0: one a core
  std::function<bool(const GenerateProgress&)> progress;  // false: stop (canceled)
};

struct GenerateArchiveReport {
  std::uint64_t containers = 0, assets = 0, chunks = 0, gates = 0;
  Bytes size;  // of all assets
  Bytes file_size;
};

inline constexpr Bytes kGeneratedAssetSizeMin = {8};
inline constexpr Bytes kGeneratedAssetSizeMax = {1ull << 20};

// The world that the archive is packed from. On failure `detail` says which limit was passed.
Result<SourceWorld> make_source(const GenerateArchiveOptions& options, std::string& detail);

// On failure `detail` names the cause, and the old archive stands.
Result<GenerateArchiveReport> generate_archive(const std::string& path,
                                               const GenerateArchiveOptions& options,
                                               std::string& detail);

}  // namespace nf
