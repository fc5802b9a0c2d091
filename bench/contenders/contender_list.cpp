#include "bench/contenders/contender_list.h"

#include "bench/contenders/erofs/erofs_image.h"
#include "bench/contenders/loose/loose_files.h"
#include "bench/contenders/ours/our_archive.h"
#include "bench/contenders/raw/stored_raw.h"
#include "bench/contenders/squashfs/squashfs_image.h"
#include "bench/contenders/tar/whole_tar.h"
#ifdef NF_HAVE_LIBZIP
#include "bench/contenders/zip/zip_archive.h"
#endif
#ifdef NF_HAVE_PHYSFS
#include "bench/contenders/physfs/physfs_contender.h"
#endif
#ifdef NF_HAVE_STORMLIB
#include "bench/contenders/mpq/mpq_contender.h"
#endif

namespace nf::bench {
namespace {

void add(ContenderList& list, std::unique_ptr<Contender> contender) {
  try {
    contender->require();
    list.contenders.push_back(std::move(contender));
  } catch (const BenchError& error) {
    list.notes.push_back("NOT MEASURED: " + contender->facts().name + ": " + error.what());
  }
}

void add_ours(ContenderList& list, std::uint32_t workers) {
  constexpr std::uint32_t kSmallChunk = 64u << 10;
  for (const OurSettings& settings :
       {OurSettings{.codec = CodecChoice::lz4, .decode_workers = workers},
        OurSettings{.codec = CodecChoice::zstd, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::lz4, .asked_ahead = kAskedAhead, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::zstd, .asked_ahead = kAskedAhead, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::lz4, .chunk_size = kSmallChunk, .decode_workers = workers}}) {
    add(list, make_ours(settings));
  }
}

void add_libraries(ContenderList& list) {
#ifdef NF_HAVE_LIBZIP
  add(list, make_libzip(ZipMethod::stored));
  add(list, make_libzip(ZipMethod::deflate));
#else
  list.notes.push_back("NOT MEASURED: zip by libzip: built without libzip-dev");
#endif
#ifdef NF_HAVE_PHYSFS
  add(list, make_physfs(ZipMethod::stored));
  add(list, make_physfs(ZipMethod::deflate));
#else
  list.notes.push_back("NOT MEASURED: zip by PhysFS: built without libphysfs-dev and libzip-dev");
#endif
#ifdef NF_HAVE_STORMLIB
  add(list, make_mpq());
#else
  list.notes.push_back("NOT MEASURED: MPQ by StormLib: built without libstorm-dev");
#endif
}

}  // namespace

ContenderList list_contenders(std::uint32_t decode_workers) {
  ContenderList list;
  add_ours(list, decode_workers);
  add(list, make_stored_raw(0));
  add(list, make_stored_raw(kAskedAhead));
  add(list, make_whole_tar());
  add(list, make_loose_files());
  add_libraries(list);
  add(list, make_squashfs(SquashfsCodec::lz4));
  add(list, make_squashfs(SquashfsCodec::zstd));
  add(list, make_erofs({4u << 10}));
  add(list, make_erofs({64u << 10}));
  return list;
}

}  // namespace nf::bench
