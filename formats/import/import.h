// import: source trees become SourceWorlds. Each importer only describes the world here and loads
// the bytes later, one asset at a time.
//
// Thread: any. On failure `detail` is one sentence that names the file, line and cause.
#pragma once

#include <string>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

enum class ImportKind { automatic, folder, world_file, flightgear };

// automatic: flightgear if the folder has Scenery/Terrain, world_file if it has world.json or is a
// file, else folder.
Result<SourceWorld> import_source(const std::string& path, ImportKind kind, std::string& detail);

// Each folder a container, nested as the folders are, without places: the engine pins those by
// name. Symbolic links and special files are refused. Archives of our own (by name and first bytes)
// and what a killed writer left are left out, with a note each: a world may be packed into its own
// folder, again and again. The same holds for import_flightgear.
Result<SourceWorld> import_folder(const std::string& path, std::string& detail);
// A folder with a world.json (formats/import/world_file.md) that gives containers places,
// dependencies and load distances.
Result<SourceWorld> import_world_file(const std::string& path, std::string& detail);
// FlightGear's base data: `earth` > region (10 degrees) > cell (1 degree) > tile, in metres from
// the centre of the earth; below `shared` the models and terrain textures that tiles depend on;
// below `package` everything else, as folders. Pictures become textures, zipped meshes are
// unzipped.
Result<SourceWorld> import_flightgear(const std::string& path, std::string& detail);

}  // namespace nf
