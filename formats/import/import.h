// import: source trees become SourceWorlds. Each importer only describes the world here and loads
// the bytes later, one asset at a time.
//
// Thread: any. On failure `detail` is one sentence that names the file, line and cause.
#pragma once

#include <string>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

enum class ImportKind { automatic, folder, world_file, flightgear, stellarium, naev };

// automatic: flightgear if the folder has Scenery/Terrain, stellarium if it has
// data/ssystem_major.ini, naev if it has dat/ssys, world_file if it has world.json or is a file,
// else folder.
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
// Stellarium's data: `Sol` > planet > moon > zone, each body where it is at J2000, in metres. Axes
// of Sol are those of the ecliptic. A body that others go round keeps the axes of its equator, and
// what stands on it turns with the container `surface` below it; other bodies turn as a whole.
// Zones are the named features of surfaces and the landscapes that say where they are. Below
// `shared` what several bodies are drawn with, below `package` everything else, as folders.
Result<SourceWorld> import_stellarium(const std::string& path, std::string& detail);
// Naev's data: star systems below the root, where its galaxy map has them, 10^8 metres for a unit
// of the map; in each, its planets and stations, a metre for a unit, and a gate for each jump.
// Below `shared` what several are drawn with, below `package` everything else, as folders.
Result<SourceWorld> import_naev(const std::string& path, std::string& detail);

}  // namespace nf
