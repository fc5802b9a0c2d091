// Reading a zip with libzip: entries by their index, which needs no search by name.
#include <zip.h>

#include <algorithm>

#include "bench/contenders/zip/zip_archive.h"

namespace nf::bench {
namespace {

struct CloseZip {
  void operator()(zip_t* archive) const { ::zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { ::zip_fclose(entry); }
};
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

void read_all(zip_file_t* entry, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const zip_int64_t got = ::zip_fread(entry, into.data() + done, into.size() - done);
    if (got <= 0) throw BenchError("libzip: an entry cannot be read");
    done += static_cast<std::size_t>(got);
  }
}

class LibzipContender : public BlockingContender {
 public:
  explicit LibzipContender(ZipMethod method) : method_(method) {}

  ContenderFacts facts() const override {
    return {.name = std::string("zip ") + zip_method_name(method_) + ", libzip",
            .side = method_ == ZipMethod::stored ? Side::peer : Side::compressed_peer};
  }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    path_ = make_zip(tree, method_);
  }
  std::vector<std::filesystem::path> files() const override { return {path_}; }

  void open(std::uint32_t requesters) override {
    for (std::uint32_t i = 0; i < requesters; ++i) {
      int error = 0;
      archives_.emplace_back(::zip_open(path_.c_str(), ZIP_RDONLY, &error));
      if (!archives_.back()) throw BenchError(path_.string() + ": libzip cannot open it");
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
    if (method_ == ZipMethod::stored) {
      if (::zip_fseek(entry.get(), static_cast<zip_int64_t>(slice.at), SEEK_SET) != 0) {
        throw BenchError("libzip: an entry cannot be sought in");
      }
    } else {
      skip(entry.get(), slice.at);
    }
    read_all(entry.get(), slice.into);
  }

 private:
  // Entries were added in the order of the assets.
  Entry open_entry(std::uint32_t requester, std::uint32_t asset) {
    Entry entry(::zip_fopen_index(archives_[requester].get(), asset, 0));
    if (!entry) throw BenchError("libzip: an entry cannot be opened");
    return entry;
  }

  // Nothing but inflating from the start leads into the middle of a deflated entry.
  void skip(zip_file_t* entry, std::uint64_t size) {
    skipped_.resize(256u << 10);
    while (size > 0) {
      const std::uint64_t part = std::min<std::uint64_t>(size, skipped_.size());
      read_all(entry, std::span(skipped_).first(part));
      size -= part;
    }
  }

  ZipMethod method_;
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::vector<std::unique_ptr<zip_t, CloseZip>> archives_;  // one for each requester
  std::vector<std::byte> skipped_;
};

}  // namespace

std::unique_ptr<Contender> make_libzip(ZipMethod method) {
  return std::make_unique<LibzipContender>(method);
}

}  // namespace nf::bench
