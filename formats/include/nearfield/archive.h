// Archive: a packed world, opened and checked. Format: formats/archive/archive_format.md.
//
// Thread: immutable after `open`; any thread may call. Memory: owns its tables, names and file
// descriptors; spans and views live as long as the Archive.
// Hostile files get an error, never a crash: every size is checked before anything is allocated.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <nearfield/result.h>
#include <nearfield/streamer.h>
#include <nearfield/types.h>

namespace nf {

struct ArchiveInfo {
  Bytes file_size;
  Bytes stored_size;  // of all runs
  Bytes raw_size;     // decoded
  std::uint32_t version = 0;
  std::uint64_t features_required = 0;
  std::uint64_t features_optional = 0;
  std::uint32_t containers = 0;
  std::uint32_t assets = 0;
  std::uint32_t chunks = 0;
  std::uint32_t dependencies = 0;
  std::uint32_t gates = 0;
};

// A part of one asset: `into.size()` bytes from `from` on.
struct AssetSlice {
  ContainerId container;
  std::uint32_t asset = 0;  // number in the archive: AssetView::index, Archive::find_asset
  Bytes from;               // of the asset's bytes
  std::span<std::byte> into;
};

class Archive {
 public:
  // Reads and checks the header and every table, not the chunks (see `verify`).
  static Result<Archive> open(const char* path);
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  Source source() const;  // what Streamer::mount takes
  const WorldTables& world() const;
  ArchiveInfo info() const;
  const std::string& path() const;

  // Containers as the archive numbers them, from 0 on: ContainerView::in_archive of what is
  // mounted.
  std::string_view container_name(ContainerId id) const;  // one component; empty for the root
  std::string container_path(ContainerId id) const;       // "planet/zone/room"; empty for the root
  // By the asset's number in the archive: AssetView::index of what a Pin shows.
  std::string_view asset_name(std::uint32_t asset) const;
  // Of a gate that stands in this archive, wherever that is mounted. Empty if it has no such gate.
  std::string_view gate_name(GateId gate) const;
  std::string_view gate_name(std::uint32_t gate) const;     // by its number in the archive
  ContainerId find_container(std::string_view path) const;  // none if there is no such container
  // The asset's number in the archive, as AssetView::index has it, or UINT32_MAX.
  std::uint32_t find_asset(ContainerId container, std::string_view name) const;

  // Reads, checks and decodes one container's bytes with plain preads: for tools, not for frames.
  Result<void> read_container(ContainerId id, std::span<std::byte> raw) const;
  // The part of a container's decoded bytes that holds one asset.
  Result<void> read_asset(ContainerId id, std::uint32_t asset, std::span<std::byte> bytes) const;
  // Reads the chunks that hold the slice and no others. Not_found if the container has no such
  // asset, invalid_argument if the slice ends behind it. SliceReader for many.
  Result<void> read_slice(const AssetSlice& slice) const;

  // "archive w.nfa: container earth/w030n60: chunk 17: chunk checksum mismatch at offset 8192".
  std::string describe(const Error& error) const;

 private:
  friend class SliceReader;
  struct Impl;
  explicit Archive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct SliceReaderOptions {
  // Past the page cache and into huge pages, in whole pages of 4 KiB around the chunks; where the
  // file system has no such reads, as it may tell only at the first one, through the page cache all
  // the same.
  bool direct = false;
};

// Reads slices one after the other, with a few MiB of working memory that it keeps.
// Thread: one owner at a time; blocks. Borrows the archive.
class SliceReader {
 public:
  explicit SliceReader(const Archive& archive, const SliceReaderOptions& options = {});
  SliceReader(SliceReader&&) noexcept;
  SliceReader& operator=(SliceReader&&) noexcept;
  ~SliceReader();

  Result<void> read(const AssetSlice& slice);  // as Archive::read_slice
  bool direct() const;                         // whether reads go past the page cache, so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The same for a file that did not open: "archive w.nfa: not a nearfield archive". Looks at the
// file again where its size is wrong.
std::string describe_open_error(const char* path, const Error& error);

}  // namespace nf
