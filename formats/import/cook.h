// cook: the recipes by which a loader turns a file into the bytes an engine wants.
//
// Any thread; the loader is called from several at once, its counters are atomic. Pictures become
// block-compressed DDS files, zipped meshes are unzipped. A picture whose header no decoder takes
// is packed as it is under its own name, and counted; one that is damaged behind its header is an
// error.
#pragma once

#include <string>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

enum class Recipe : std::uint32_t { keep = 0, unzip = 1, texture = 2 };

inline constexpr Bytes kUnzippedSizeMax = {256ull << 20};
inline constexpr Bytes kPictureSizeMax = {256ull << 20};

// The asset a file becomes: name, kind, recipe, expected size. A picture's name gets ".dds" behind
// it, an unzipped file loses ".gz". Reads the first bytes of pictures.
SourceAsset cooked_asset(const std::string& name, const std::string& path, std::uint64_t file_size);

// Sets `load` and `load_counts`.
void set_cooking_loader(SourceWorld& world);

}  // namespace nf
