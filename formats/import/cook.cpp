#include "formats/import/cook.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "formats/import/file_bytes.h"
#include "formats/import/image.h"
#include "formats/import/texture.h"

namespace nf {

namespace {

struct AtomicCounts {
  std::atomic<std::uint64_t> textures_encoded{0};
  std::atomic<std::uint64_t> textures_kept{0};
  std::atomic<std::uint64_t> files_unzipped{0};
  std::atomic<std::uint64_t> files_kept{0};
};

bool ends_with_any(std::string name, std::initializer_list<std::string_view> endings) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

// Most headers fit in the first bytes; colour profiles and previews push some further back.
ImageInfo probe_file(const std::string& path) {
  ImageInfo info;
  for (const std::uint64_t size : {4096u, 65536u}) {
    std::string detail;
    const Result<std::vector<std::byte>> front = read_file_front(path, Bytes{size}, detail);
    if (!front) return {};
    info = probe_image(*front);
    if (info.format != ImageFormat::none || front->size() < size) break;
  }
  return info;
}

Result<std::vector<std::byte>> load_texture(const SourceAsset& asset, AtomicCounts& counts,
                                            std::string& detail) {
  Result<std::vector<std::byte>> file = read_file(asset.origin, kPictureSizeMax, detail);
  if (!file) return file;
  Result<Image> image = decode_image(*file);
  if (!image) {
    // The asset has the name of a texture by now, so that other bytes would be a lie.
    detail = asset.origin + (image.error().code == ErrorCode::out_of_memory
                                 ? ": not enough memory to decode it"
                                 : ": its header is a picture's, but it cannot be decoded");
    return image.error();
  }
  *file = {};
  ++counts.textures_encoded;
  return encode_texture(std::move(*image));
}

Result<std::vector<std::byte>> load_unzipped(const SourceAsset& asset, AtomicCounts& counts,
                                             std::string& detail) {
  const Result<std::vector<std::byte>> file = read_file(asset.origin, kUnzippedSizeMax, detail);
  if (!file) return file.error();
  Result<std::vector<std::byte>> bytes = gunzip(*file, kUnzippedSizeMax);
  if (!bytes) detail = asset.origin + ": cannot be unzipped, or holds more than 256 MiB";
  ++counts.files_unzipped;
  return bytes;
}

Result<std::vector<std::byte>> load_cooked(const SourceAsset& asset, AtomicCounts& counts,
                                           std::string& detail) {
  switch (static_cast<Recipe>(asset.recipe)) {
    case Recipe::texture: return load_texture(asset, counts, detail);
    case Recipe::unzip: return load_unzipped(asset, counts, detail);
    case Recipe::keep: break;
  }
  Result<std::vector<std::byte>> file =
      read_file(asset.origin, Bytes{kContainerRawSizeMax}, detail);
  const bool picture = ends_with_any(asset.name, {".png", ".jpg", ".jpeg", ".rgb", ".rgba"});
  ++(picture ? counts.textures_kept : counts.files_kept);
  return file;
}

}  // namespace

SourceAsset cooked_asset(const std::string& name, const std::string& path,
                         std::uint64_t file_size) {
  SourceAsset asset{.name = name,
                    .kind = asset_kind_of(name),
                    .origin = path,
                    .recipe = static_cast<std::uint32_t>(Recipe::keep),
                    .size_hint = file_size};
  if (ends_with_any(name, {".btg.gz"})) {
    constexpr std::uint64_t kUsualRatio = 2;
    asset.name.resize(name.size() - 3);
    asset.kind = AssetKind::mesh;
    asset.recipe = static_cast<std::uint32_t>(Recipe::unzip);
    asset.size_hint = file_size * kUsualRatio;
    return asset;
  }
  if (!ends_with_any(name, {".png", ".jpg", ".jpeg", ".rgb", ".rgba"})) return asset;
  const ImageInfo info = probe_file(path);
  if (info.format == ImageFormat::none || info.wide || !image_fits(info.width, info.height) ||
      name.size() > 250)
    return asset;
  asset.name += ".dds";
  asset.recipe = static_cast<std::uint32_t>(Recipe::texture);
  asset.size_hint = texture_size(info.width, info.height,
                                 info.may_have_alpha ? BlockFormat::bc3 : BlockFormat::bc1);
  return asset;
}

void set_cooking_loader(SourceWorld& world) {
  const auto counts = std::make_shared<AtomicCounts>();
  world.load = [counts](const SourceAsset& asset, std::string& detail) {
    return load_cooked(asset, *counts, detail);
  };
  world.load_counts = [counts] {
    return LoadCounts{.textures_encoded = counts->textures_encoded,
                      .textures_kept = counts->textures_kept,
                      .files_unzipped = counts->files_unzipped,
                      .files_kept = counts->files_kept};
  };
}

}  // namespace nf
