#include "bench/contenders/contender_list.h"

#include "bench/contenders/loose/loose_files.h"
#include "bench/contenders/ours/our_archive.h"
#include "bench/contenders/raw/stored_raw.h"
#include "bench/contenders/tar/whole_tar.h"
#ifdef NF_HAVE_IMAGES
#include "bench/contenders/erofs/erofs_image.h"
#include "bench/contenders/squashfs/squashfs_image.h"
#endif
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

struct Listing {
  const std::filesystem::path& folder;
  ContenderList list;
};

void add(Listing& listing, std::unique_ptr<Contender> contender) {
  ContenderList& list = listing.list;
  try {
    contender->require(listing.folder);
    // What it cost could not be told without counters.
    static_cast<void>(LoadClock(listing.folder, contender->facts().device_bytes_from));
    list.contenders.push_back(std::move(contender));
  } catch (const BenchError& error) {
    list.notes.push_back("NOT MEASURED: " + contender->facts().name + ": " + error.what());
  }
}

void add_ours(Listing& listing, std::uint32_t workers) {
  constexpr std::uint32_t kLargeChunk = 256u << 10;
  for (const OurSettings& settings :
       {OurSettings{.codec = CodecChoice::lz4, .decode_workers = workers},
        OurSettings{.codec = CodecChoice::zstd, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::lz4, .asked_ahead = kAskedAhead, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::zstd, .asked_ahead = kAskedAhead, .decode_workers = workers},
        OurSettings{
            .codec = CodecChoice::lz4, .chunk_size = kLargeChunk, .decode_workers = workers}}) {
    add(listing, make_ours(settings));
  }
}

void add_libraries(Listing& listing) {
#ifdef NF_HAVE_LIBZIP
  add(listing, make_libzip(ZipMethod::stored));
  add(listing, make_libzip(ZipMethod::deflate));
#else
  listing.list.notes.push_back("NOT MEASURED: zip by libzip: built without libzip-dev");
#endif
#ifdef NF_HAVE_PHYSFS
  add(listing, make_physfs(ZipMethod::stored));
  add(listing, make_physfs(ZipMethod::deflate));
#else
  listing.list.notes.push_back(
      "NOT MEASURED: zip by PhysFS: built without libphysfs-dev and libzip-dev");
#endif
#ifdef NF_HAVE_STORMLIB
  add(listing, make_mpq());
#else
  listing.list.notes.push_back("NOT MEASURED: MPQ by StormLib: built without libstorm-dev");
#endif
}

void add_images(Listing& listing) {
#ifdef NF_HAVE_IMAGES
  add(listing, make_squashfs(SquashfsCodec::lz4));
  add(listing, make_squashfs(SquashfsCodec::zstd));
  add(listing, make_erofs({4u << 10}));
  add(listing, make_erofs({64u << 10}));
#else
  listing.list.notes.push_back(
      "NOT MEASURED: SquashFS and EROFS: built with headers that know no fsopen (glibc 2.36) or no "
      "LOOP_CONFIGURE (Linux 5.8)");
#endif
}

}  // namespace

ContenderList list_contenders(const std::filesystem::path& folder, std::uint32_t decode_workers) {
  Listing listing{.folder = folder, .list = {}};
  add_ours(listing, decode_workers);
  add(listing, make_stored_raw(0));
  add(listing, make_stored_raw(kAskedAhead));
  add(listing, make_whole_tar());
  add(listing, make_loose_files());
  add_libraries(listing);
  add_images(listing);
  return std::move(listing.list);
}

}  // namespace nf::bench
