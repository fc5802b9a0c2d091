#include "formats/pack/source_world.h"

#include <array>
#include <utility>

namespace nf {

namespace {

struct ExtensionKind {
  std::string_view extension;
  AssetKind kind;
};

constexpr std::array kExtensionKinds = {
    ExtensionKind{"dds", AssetKind::texture},
    ExtensionKind{"ktx", AssetKind::texture},
    ExtensionKind{"ktx2", AssetKind::texture},
    ExtensionKind{"png", AssetKind::texture},
    ExtensionKind{"jpg", AssetKind::texture},
    ExtensionKind{"jpeg", AssetKind::texture},
    ExtensionKind{"rgb", AssetKind::texture},
    ExtensionKind{"rgba", AssetKind::texture},
    ExtensionKind{"tga", AssetKind::texture},
    ExtensionKind{"bmp", AssetKind::texture},
    ExtensionKind{"gif", AssetKind::texture},
    ExtensionKind{"webp", AssetKind::texture},
    ExtensionKind{"hdr", AssetKind::texture},
    ExtensionKind{"exr", AssetKind::texture},
    ExtensionKind{"mesh", AssetKind::mesh},
    ExtensionKind{"btg", AssetKind::mesh},
    ExtensionKind{"ac", AssetKind::mesh},
    ExtensionKind{"obj", AssetKind::mesh},
    ExtensionKind{"gltf", AssetKind::mesh},
    ExtensionKind{"glb", AssetKind::mesh},
    ExtensionKind{"fbx", AssetKind::mesh},
    ExtensionKind{"ply", AssetKind::mesh},
    ExtensionKind{"stl", AssetKind::mesh},
    ExtensionKind{"b3dm", AssetKind::mesh},
    ExtensionKind{"spm", AssetKind::mesh},
    ExtensionKind{"wav", AssetKind::sound},
    ExtensionKind{"ogg", AssetKind::sound},
    ExtensionKind{"mp3", AssetKind::sound},
    ExtensionKind{"flac", AssetKind::sound},
    ExtensionKind{"opus", AssetKind::sound},
    ExtensionKind{"txt", AssetKind::text},
    ExtensionKind{"md", AssetKind::text},
    ExtensionKind{"json", AssetKind::text},
    ExtensionKind{"xml", AssetKind::text},
    ExtensionKind{"html", AssetKind::text},
    ExtensionKind{"csv", AssetKind::text},
    ExtensionKind{"yaml", AssetKind::text},
    ExtensionKind{"toml", AssetKind::text},
    ExtensionKind{"ini", AssetKind::text},
    ExtensionKind{"xlf", AssetKind::text},
    ExtensionKind{"svg", AssetKind::text},
    ExtensionKind{"stg", AssetKind::placement},
    ExtensionKind{"placement", AssetKind::placement},
    ExtensionKind{"anim", AssetKind::animation},
    ExtensionKind{"bvh", AssetKind::animation},
    ExtensionKind{"nas", AssetKind::script},
    ExtensionKind{"lua", AssetKind::script},
    ExtensionKind{"py", AssetKind::script},
    ExtensionKind{"js", AssetKind::script},
    ExtensionKind{"nut", AssetKind::script},
    ExtensionKind{"material", AssetKind::material},
    ExtensionKind{"mtl", AssetKind::material},
    ExtensionKind{"eff", AssetKind::material},
    ExtensionKind{"frag", AssetKind::material},
    ExtensionKind{"vert", AssetKind::material},
    ExtensionKind{"geom", AssetKind::material},
    ExtensionKind{"glsl", AssetKind::material},
    ExtensionKind{"hlsl", AssetKind::material},
    ExtensionKind{"spv", AssetKind::material},
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

}  // namespace

AssetKind asset_kind_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return AssetKind::other;
  const std::string_view extension = file_name.substr(dot + 1);
  for (const ExtensionKind& known : kExtensionKinds) {
    if (equal_ignoring_case(extension, known.extension)) return known.kind;
  }
  return AssetKind::other;
}

const char* asset_kind_name(AssetKind kind) {
  switch (kind) {
    case AssetKind::other: return "other";
    case AssetKind::texture: return "texture";
    case AssetKind::mesh: return "mesh";
    case AssetKind::sound: return "sound";
    case AssetKind::text: return "text";
    case AssetKind::placement: return "placement";
    case AssetKind::animation: return "animation";
    case AssetKind::script: return "script";
    case AssetKind::material: return "material";
  }
  return "engine's own";
}

}  // namespace nf
