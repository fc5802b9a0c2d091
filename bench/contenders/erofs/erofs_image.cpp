#include "bench/contenders/erofs/erofs_image.h"

#include "bench/contenders/image/image_contender.h"

namespace nf::bench {

std::unique_ptr<Contender> make_erofs(Bytes cluster) {
  const std::string size = std::to_string(cluster.value >> 10);
  return make_image({.name = "EROFS lz4hc " + size + " KiB, kernel",
                     .file_name = "erofs_lz4hc_" + size,
                     .type = "erofs",
                     .backing = Backing::file,
                     .tool = "mkfs.erofs",
                     .package = "erofs-utils",
                     .arguments = {"-zlz4hc,9", "-C" + std::to_string(cluster.value), "-T0", "-x-1",
                                   "--all-root", "{image}", "{tree}"}});
}

}  // namespace nf::bench
