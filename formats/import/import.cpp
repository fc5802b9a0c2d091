#include "formats/import/import.h"

#include <filesystem>
#include <system_error>

#include "formats/import/source_tree.h"
#include "formats/import/unfinished_world.h"

namespace nf {

namespace {

namespace fs = std::filesystem;

ImportKind recognise(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path + "/Scenery/Terrain", error)) return ImportKind::flightgear;
  if (fs::is_regular_file(path + "/data/ssystem_major.ini", error)) return ImportKind::stellarium;
  if (fs::is_directory(path + "/dat/ssys", error)) return ImportKind::naev;
  if (fs::is_regular_file(path + "/world.json", error)) return ImportKind::world_file;
  if (fs::is_regular_file(path, error)) return ImportKind::world_file;
  return ImportKind::folder;
}

}  // namespace

Result<SourceWorld> import_source(const std::string& path, ImportKind kind, std::string& detail) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    detail = path + ": there is no such file or folder";
    return Error{.code = ErrorCode::not_found, .subject_kind = Subject::file};
  }
  if (begins_as_archive(path)) {
    detail = path + ": is a nearfield archive already; what is packed is a folder or a world.json";
    return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
  }
  if (fs::exists(path + "/" + kUnfinishedMarker, error)) {
    detail = path + ": is not a whole world: `nearfield generate` was stopped before its end; "
                    "remove the folder and generate it again";
    return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
  }
  if (kind == ImportKind::automatic) kind = recognise(path);
  switch (kind) {
    case ImportKind::world_file: return import_world_file(path, detail);
    case ImportKind::flightgear: return import_flightgear(path, detail);
    case ImportKind::stellarium: return import_stellarium(path, detail);
    case ImportKind::naev: return import_naev(path, detail);
    case ImportKind::folder:
    case ImportKind::automatic: break;
  }
  return import_folder(path, detail);
}

}  // namespace nf
