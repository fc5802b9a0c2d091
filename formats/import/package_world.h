// PackageWorld: a SourceWorld in the making from the files of a package. Every file goes to one
// container: the one that takes it, a shared one if several need it, or, at the end, a container
// for its folder.
//
// One owner. Names from the package become names of containers and assets whatever they are: what a
// component may not hold is replaced, and equal names among siblings are numbered.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nearfield/result.h>

#include "formats/import/sharing.h"
#include "formats/import/source_tree.h"

namespace nf {

// The name as one component of a path: slashes, control characters and what is not UTF-8 become
// '_', what is too long is cut.
std::string component_of(std::string_view name);

// A sphere in the parent's frame whose centre is the frame's origin.
struct SpherePlace {
  WorldPosition position;
  Rotation rotation;
  double radius = 0;
};

class PackageWorld {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  explicit PackageWorld(SourceTree tree);

  const SourceTree& tree() const { return tree_; }
  // By path in the package, "a/b.png"; kNone if it has no such file.
  std::uint32_t find(const std::string& path) const;
  // A file that a text of the package names, below `folder`: kNone if there is none or it lies
  // outside.
  std::uint32_t find_below(std::string_view folder, std::string_view name) const;
  std::string path(std::uint32_t file) const { return tree_.path(tree_.files[file]); }
  Result<std::string> read_text(std::uint32_t file, std::string& detail) const;

  SourceWorld& world() { return world_; }
  SourceContainer& container(std::uint32_t id) { return world_.containers[id]; }
  std::uint32_t add_folder(std::string_view name, std::uint32_t parent);
  std::uint32_t add_place(std::string_view name, std::uint32_t parent, const SpherePlace& place);

  // Nothing happens if the file is taken already.
  void add_file(std::uint32_t container, std::uint32_t file);
  void add_asset(std::uint32_t container, SourceAsset asset);
  // The file is needed by the container; `share` decides where it goes.
  void use(std::uint32_t container, std::uint32_t file);
  // Files that one container uses go there, the others to shared containers below `below`, which
  // is made when it is needed.
  void share(std::string_view below);
  // Every file that nobody took, in containers that mirror its folders below `below`.
  void add_rest(std::string_view below);

  void note(std::uint64_t count, std::string_view text);  // nothing if the count is 0
  // The world, with a loader that cooks (formats/import/cook.h). Ends the use of this object.
  SourceWorld finish();

 private:
  std::string unique_name(std::uint32_t container, std::string name, bool number_first);
  std::uint32_t mirrored_folder(std::uint32_t folder, std::uint32_t below);

  SourceTree tree_;
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::vector<bool> taken_;
  std::vector<FileUse> uses_;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> names_;  // how often asked for
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> mirrored_;
  SourceWorld world_;
};

}  // namespace nf
