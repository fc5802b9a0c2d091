#include "bench/contenders/zip/zip_archive.h"

#include <zip.h>

#include "bench/contenders/cached_file.h"
#include "tools/nearfield/interrupt.h"

namespace nf::bench {
namespace {

constexpr zip_uint32_t kDeflateLevel = 6;  // the usual one

[[noreturn]] void refuse(zip_t* archive, const std::filesystem::path& path) {
  const std::string why = ::zip_strerror(archive);
  ::zip_discard(archive);
  throw BenchError(path.string() + ": " + why);
}

void add_file(zip_t* archive, const std::filesystem::path& path, const std::string& name,
              const std::filesystem::path& file, ZipMethod method) {
  zip_source_t* source = ::zip_source_file(archive, file.c_str(), 0, -1);
  if (source == nullptr) refuse(archive, path);
  const zip_int64_t index = ::zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    ::zip_source_free(source);
    refuse(archive, path);
  }
  const bool stored = method == ZipMethod::stored;
  const zip_int32_t codec = stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
  if (::zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), codec,
                                 stored ? 0 : kDeflateLevel) != 0) {
    refuse(archive, path);
  }
}

void write_zip(const ContainerTree& tree, ZipMethod method, const std::filesystem::path& path) {
  int error = 0;
  zip_t* archive = ::zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (archive == nullptr) throw BenchError(path.string() + ": libzip cannot make it");
  for (std::uint32_t container = 0; container < tree.count(); ++container) {
    for (const TreeAsset& asset : tree.assets_of(container)) {
      const std::string name = container_name(container) + "/" + asset.name;
      add_file(archive, path, name, tree.files / name, method);
    }
  }
  ::zip_register_cancel_callback_with_state(
      archive, [](zip_t*, void*) { return interrupted() ? 1 : 0; }, nullptr, nullptr);
  if (::zip_close(archive) != 0) refuse(archive, path);
}

}  // namespace

const char* zip_method_name(ZipMethod method) {
  return method == ZipMethod::stored ? "stored" : "deflate";
}

std::filesystem::path make_zip(const ContainerTree& tree, ZipMethod method) {
  const std::string name = std::string("zip_") + zip_method_name(method);
  const std::string settings = std::string("level 6, libzip ") + ::zip_libzip_version();
  const std::filesystem::path path = cached_path(tree, name, settings, ".zip");
  make_cached(path, [&](const auto& partial) { write_zip(tree, method, partial); });
  return path;
}

}  // namespace nf::bench
