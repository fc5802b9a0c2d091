// check_source: what must hold of a SourceWorld before anything of it is loaded or written.
//
// Pure functions, any thread. Every refusal names the container or asset, so that an author finds
// it; the archive's own limits (archive_format.md) are held here first, in the author's words.
#pragma once

#include <string>
#include <string_view>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

// Why a name cannot be a component of a path, as a phrase; null if it can.
const char* name_problem(std::string_view name);

// The name in quotes, as JSON writes it; with bytes that are no UTF-8, as \xNN.
std::string quoted_name(std::string_view name);

// "planet/zone/room"; "the root" for index 0. Parents must be in order.
std::string source_path(const SourceWorld& source, std::uint32_t container);

// Why a text cannot be the path of a container below some root, as a phrase; null if it can.
const char* path_problem(std::string_view path);

// What of a container's motion and refinement cannot be, as a phrase; null if all of it can. Looks
// at the container and at what is above it; parents come before their children.
const char* motion_problem(const SourceWorld& source, std::uint32_t container);

// What of a gate's numbers cannot be, as a phrase; null if all can.
const char* gate_problem(const SourceGate& gate);

// Tree shape, names, duplicates, poses, bounds, motion, gates, counts, direct dependencies.
Result<void> check_source(const SourceWorld& source, std::string& detail);

}  // namespace nf
