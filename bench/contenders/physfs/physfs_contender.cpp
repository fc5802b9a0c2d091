#include "bench/contenders/physfs/physfs_contender.h"

#include <physfs.h>

namespace nf::bench {
namespace {

[[noreturn]] void refuse(const std::string& subject) {
  const char* why = ::PHYSFS_getErrorByCode(::PHYSFS_getLastErrorCode());
  throw BenchError(subject + ": PhysFS: " + (why == nullptr ? "unknown error" : why));
}

struct CloseEntry {
  void operator()(PHYSFS_File* entry) const { ::PHYSFS_close(entry); }
};
using Entry = std::unique_ptr<PHYSFS_File, CloseEntry>;

class PhysfsContender : public BlockingContender {
 public:
  explicit PhysfsContender(ZipMethod method) : method_(method) {}
  ~PhysfsContender() override { PhysfsContender::close(); }

  ContenderFacts facts() const override {
    return {.name = std::string("zip ") + zip_method_name(method_) + ", PhysFS",
            .side = method_ == ZipMethod::stored ? Side::peer : Side::compressed_peer};
  }

  void prepare(const ContainerTree& tree) override {
    tree_ = &tree;
    path_ = make_zip(tree, method_);
    names_.clear();
    for (std::uint32_t container = 0; container < tree.count(); ++container) {
      for (const TreeAsset& asset : tree.assets_of(container)) {
        names_.push_back(container_name(container) + "/" + asset.name);
      }
    }
  }
  std::vector<std::filesystem::path> files() const override { return {path_}; }

  void open(std::uint32_t /*requesters*/) override {
    if (::PHYSFS_init(nullptr) == 0) refuse(path_.string());
    open_ = true;
    if (::PHYSFS_mount(path_.c_str(), "/", 0) == 0) refuse(path_.string());
  }
  void close() override {
    if (open_) ::PHYSFS_deinit();
    open_ = false;
  }

  void read_container(std::uint32_t /*requester*/, std::uint32_t container,
                      std::span<std::byte> scratch, AssetBytes& assets) override {
    std::size_t at = 0;
    const std::uint32_t last = tree_->first_asset[container + 1];
    for (std::uint32_t a = tree_->first_asset[container]; a < last; ++a) {
      const std::span<std::byte> into = scratch.subspan(at, tree_->assets[a].size);
      read_all(open_entry(a).get(), into);
      assets.push_back(into);
      at += into.size();
    }
  }

  void read_slice(const SliceRead& slice) override {
    const Entry entry = open_entry(slice.asset);
    if (::PHYSFS_seek(entry.get(), slice.at) == 0) refuse(names_[slice.asset]);
    read_all(entry.get(), slice.into);
  }

 private:
  Entry open_entry(std::uint32_t asset) {
    Entry entry(::PHYSFS_openRead(names_[asset].c_str()));
    if (!entry) refuse(names_[asset]);
    return entry;
  }
  static void read_all(PHYSFS_File* entry, std::span<std::byte> into) {
    const PHYSFS_sint64 got = ::PHYSFS_readBytes(entry, into.data(), into.size());
    if (got != static_cast<PHYSFS_sint64>(into.size())) refuse("an entry");
  }

  ZipMethod method_;
  const ContainerTree* tree_ = nullptr;
  std::filesystem::path path_;
  std::vector<std::string> names_;  // of the assets
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Contender> make_physfs(ZipMethod method) {
  return std::make_unique<PhysfsContender>(method);
}

}  // namespace nf::bench
