// CachedFile: archives that are packed once and found again by the next run, named by a hash of
// their content and settings.
//
// One process at a time in a folder. A build that was killed leaves only a ".partial", which the
// next one replaces. Throws BenchError.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "bench/contenders/container_tree.h"

namespace nf::bench {

// Calls `build` with the name of a file or folder to make, flushes that and moves it to `path`;
// does nothing if `path` exists. What a build that failed has left is removed.
void make_cached(const std::filesystem::path& path,
                 const std::function<void(const std::filesystem::path& partial)>& build);

// tree.folder / "zip_stored_<hash of the tree's content and the settings>.zip". `settings` holds
// everything that changes the bytes, the tool's version included. Removes what is there under the
// same name with another hash; no name is the beginning of another and "_".
std::filesystem::path cached_path(const ContainerTree& tree, const std::string& name,
                                  const std::string& settings, const std::string& ending);

// Removes what lies beside `path` and begins with `prefix`, but not `path`.
void remove_others(const std::filesystem::path& path, const std::string& prefix);

// Of this program's file: for what has no version but the program's.
PathHash hash_of_program();

// Throws after Ctrl-C: for what packs for minutes.
void stop_if_interrupted();

// Writes back what is dirty on the file system of `path`: dirty pages cannot be dropped.
void flush_file_system(const std::filesystem::path& path);

}  // namespace nf::bench
