#include "formats/import/import.h"
#include "formats/import/source_tree.h"

namespace nf {

Result<SourceWorld> import_folder(const std::string& path, std::string& detail) {
  const Result<SourceTree> tree = list_tree(path, LinkRule::refuse, detail);
  if (!tree) return tree.error();
  SourceWorld world;
  world.load = load_file;
  world.notes = tree->archive_notes();
  world.containers.reserve(tree->folders.size());
  for (const TreeFolder& folder : tree->folders) {
    SourceContainer container;
    container.name = folder.name;
    container.parent = folder.parent;
    for (std::uint32_t i = folder.first_file; i < folder.last_file; ++i) {
      const TreeFile& file = tree->files[i];
      container.assets.push_back({.name = file.name,
                                  .kind = asset_kind_of(file.name),
                                  .origin = tree->path(file),
                                  .recipe = 0,
                                  .size_hint = file.size});
    }
    world.containers.push_back(std::move(container));
  }
  return world;
}

}  // namespace nf
