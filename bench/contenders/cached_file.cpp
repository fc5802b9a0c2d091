#include "bench/contenders/cached_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <span>
#include <vector>

#include "bench/contenders/file_read.h"
#include "core/codec/codec.h"
#include "tools/nearfield/interrupt.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace fs = std::filesystem;

void remove_others(const fs::path& path, const std::string& prefix) {
  for (const fs::directory_entry& entry : fs::directory_iterator(path.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && entry.path() != path) fs::remove_all(entry.path());
  }
}

PathHash hash_of_program() {
  const ReadFile program("/proc/self/exe");
  std::vector<std::byte> bytes(fs::file_size("/proc/self/exe"));
  program.read(0, bytes);
  return hash128(bytes);
}

void flush_file_system(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::syncfs(file) == 0;
  if (file >= 0) ::close(file);
  if (!flushed) throw BenchError(path.string() + ": cannot be flushed");
}

void stop_if_interrupted() {
  if (interrupted()) throw BenchError("interrupted");
}

void make_cached(const fs::path& path, const std::function<void(const fs::path&)>& build) {
  if (fs::exists(path)) return;
  fs::path partial = path;
  partial += ".partial";
  fs::remove_all(partial);
  try {
    build(partial);
    flush_file_system(partial);
    fs::rename(partial, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
}

fs::path cached_path(const ContainerTree& tree, const std::string& name,
                     const std::string& settings, const std::string& ending) {
  const std::string key = hex(tree.content) + " " + name + " " + settings;
  const PathHash hash = hash128(std::as_bytes(std::span(key)));
  fs::path path = tree.folder / (name + "_" + hex(hash).substr(0, 16) + ending);
  // What was packed with other settings, or was never finished.
  remove_others(path, name + "_");
  return path;
}

}  // namespace nf::bench
