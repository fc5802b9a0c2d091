#include "bench/contenders/cached_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <span>

#include "core/codec/codec.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace fs = std::filesystem;

void flush_file_system(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::syncfs(file) == 0;
  if (file >= 0) ::close(file);
  if (!flushed) throw BenchError(path.string() + ": cannot be flushed");
}

void make_cached(const fs::path& path, const std::function<void(const fs::path&)>& build) {
  if (fs::exists(path)) return;
  fs::path partial = path;
  partial += ".partial";
  fs::remove_all(partial);
  build(partial);
  flush_file_system(partial);
  fs::rename(partial, path);
}

fs::path cached_path(const ContainerTree& tree, const std::string& name,
                     const std::string& settings, const std::string& ending) {
  const std::string key = hex(tree.content) + " " + name + " " + settings;
  const PathHash hash = hash128(std::as_bytes(std::span(key)));
  return tree.folder / (name + "_" + hex(hash).substr(0, 16) + ending);
}

}  // namespace nf::bench
