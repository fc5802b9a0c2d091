#include "bench/contenders/squashfs/squashfs_image.h"

#include "bench/contenders/image/image_contender.h"

namespace nf::bench {

std::unique_ptr<Contender> make_squashfs(SquashfsCodec codec) {
  const bool lz4 = codec == SquashfsCodec::lz4;
  ImageSettings settings{.name = lz4 ? "SquashFS lz4, kernel" : "SquashFS zstd, kernel",
                         .file_name = lz4 ? "squashfs_lz4" : "squashfs_zstd",
                         .type = "squashfs",
                         .backing = Backing::loop,
                         .tool = "mksquashfs",
                         .package = "squashfs-tools",
                         .arguments = {"{tree}", "{image}", "-noappend", "-no-progress",
                                       "-no-xattrs", "-all-root", "-b", "128K", "-comp"}};
  if (lz4) {
    settings.arguments.insert(settings.arguments.end(), {"lz4", "-Xhc"});
  } else {
    settings.arguments.insert(settings.arguments.end(), {"zstd", "-Xcompression-level", "9"});
  }
  return make_image(std::move(settings));
}

}  // namespace nf::bench
