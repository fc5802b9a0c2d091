#include "bench/contenders/mpq/mpq_contender.h"

#include <StormLib.h>

#include <bit>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/joined_assets.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

[[noreturn]] void refuse(const std::string& subject) {
  throw BenchError(subject + text_of(": StormLib: error %u", ::GetLastError()));
}

struct CloseArchive {
  void operator()(void* archive) const { ::SFileCloseArchive(archive); }
};
struct CloseEntry {
  void operator()(void* entry) const { ::SFileCloseFile(entry); }
};
using Archive = std::unique_ptr<void, CloseArchive>;
using Entry = std::unique_ptr<void, CloseEntry>;

void add_asset(void* archive, const std::string& name, std::span<const std::byte> bytes) {
  HANDLE entry = nullptr;
  const auto size = static_cast<DWORD>(bytes.size());
  if (!::SFileCreateFile(archive, name.c_str(), 0, size, 0, MPQ_FILE_COMPRESS, &entry)) {
    refuse(name);
  }
  const bool written = ::SFileWriteFile(entry, bytes.data(), size, MPQ_COMPRESSION_ZLIB);
  if (!::SFileFinishFile(entry) || !written) refuse(name);
}

void write_mpq(const ContainerTree& tree, const std::filesystem::path& path) {
  HANDLE made = nullptr;
  const auto entries = std::bit_ceil(static_cast<DWORD>(tree.assets.size() + 16));
  if (!::SFileCreateArchive(path.c_str(), MPQ_CREATE_ARCHIVE_V4, entries, &made)) {
    refuse(path.string());
  }
  const Archive archive(made);
  std::vector<std::byte> bytes;
  for (std::uint32_t container = 0; container < tree.count(); ++container) {
    join_assets(tree, container, bytes);
    std::size_t at = 0;
    for (const TreeAsset& asset : tree.assets_of(container)) {
      add_asset(archive.get(), container_name(container) + "\\" + asset.name,
                std::span(bytes).subspan(at, asset.size));
      at += asset.size;
    }
  }
  if (!::SFileFlushArchive(archive.get())) refuse(path.string());
}

void read_all(void* entry, std::span<std::byte> into) {
  DWORD got = 0;
  const auto size = static_cast<DWORD>(into.size());
  if (!::SFileReadFile(entry, into.data(), size, &got, nullptr) || got != size) refuse("an entry");
}

class MpqContender : public BlockingContender {
 public:
  ContenderFacts facts() const override {
    return {.name = "MPQ zlib, StormLib", .side = Side::compressed_peer};
  }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    path_ = cached_path(tree, "mpq", "v4 zlib, StormLib " STORMLIB_VERSION_STRING, ".mpq");
    make_cached(path_, [&](const auto& partial) { write_mpq(tree, partial); });
    names_.clear();
    for (std::uint32_t container = 0; container < tree.count(); ++container) {
      for (const TreeAsset& asset : tree.assets_of(container)) {
        names_.push_back(container_name(container) + "\\" + asset.name);
      }
    }
  }
  std::vector<std::filesystem::path> files() const override { return {path_}; }

  void open(std::uint32_t requesters) override {
    for (std::uint32_t i = 0; i < requesters; ++i) {
      HANDLE archive = nullptr;
      const DWORD flags = MPQ_OPEN_READ_ONLY | MPQ_OPEN_NO_LISTFILE | MPQ_OPEN_NO_ATTRIBUTES;
      if (!::SFileOpenArchive(path_.c_str(), 0, flags, &archive)) refuse(path_.string());
      archives_.emplace_back(archive);
    }
  }
  void close() override { archives_.clear(); }

  void read_container(std::uint32_t requester, std::uint32_t container,
                      std::span<std::byte> scratch, AssetBytes& assets) override {
    std::size_t at = 0;
    const std::uint32_t last = tree_->first_asset[container + 1];
    for (std::uint32_t a = tree_->first_asset[container]; a < last; ++a) {
      const std::span<std::byte> into = scratch.subspan(at, tree_->assets[a].size);
      read_all(open_entry(requester, a).get(), into);
      assets.push_back(into);
      at += into.size();
    }
  }

  void read_slice(const SliceRead& slice) override {
    const Entry entry = open_entry(0, slice.asset);
    LONG high = 0;  // assets stay under 4 GiB, offsets may look negative in 32 bits
    if (::SFileSetFilePointer(entry.get(), static_cast<LONG>(slice.at), &high, FILE_BEGIN) !=
        static_cast<DWORD>(slice.at)) {
      refuse(names_[slice.asset]);
    }
    read_all(entry.get(), slice.into);
  }

 private:
  Entry open_entry(std::uint32_t requester, std::uint32_t asset) {
    HANDLE entry = nullptr;
    if (!::SFileOpenFileEx(archives_[requester].get(), names_[asset].c_str(), SFILE_OPEN_FROM_MPQ,
                           &entry)) {
      refuse(names_[asset]);
    }
    return Entry(entry);
  }

  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::vector<std::string> names_;
  std::vector<Archive> archives_;  // one for each requester
};

}  // namespace

std::unique_ptr<Contender> make_mpq() {
  return std::make_unique<MpqContender>();
}

}  // namespace nf::bench
