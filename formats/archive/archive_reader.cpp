#include <fcntl.h>
#include <nearfield/archive.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/codec/codec.h"
#include "core/world/gates.h"
#include "formats/archive/archive_format.h"
#include "formats/archive/archive_tables.h"
#include "formats/archive/container_reader.h"

namespace nf {
namespace {

class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Error open_error(int os_error) {
  ErrorCode code = ErrorCode::file_open_failed;
  if (os_error == ENOENT || os_error == ENOTDIR) code = ErrorCode::not_found;
  if (os_error == EACCES || os_error == EPERM) code = ErrorCode::permission_denied;
  return {.code = code, .os_error = static_cast<std::uint8_t>(os_error)};
}

// Without O_NONBLOCK a pipe of that name would hold us until someone writes to it.
File open_file(const char* path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
  } while (descriptor < 0 && errno == EINTR);
  return File(descriptor);
}

// A second descriptor of the very same file without the page cache; none where the file system has
// no such thing, or where the path leads to another file by now.
File open_direct(const char* path, const struct stat& same) {
  File file = open_file(path, O_DIRECT);
  struct stat found = {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &found) != 0 ||
      found.st_dev != same.st_dev || found.st_ino != same.st_ino) {
    return File();
  }
  return file;
}

const char* table_name(std::uint32_t table) {
  constexpr const char* kNames[] = {"containers",   "assets", "chunks",
                                    "dependencies", "names",  "gates"};
  return table < std::size(kNames) ? kNames[table] : "unknown";
}

// What went wrong and where, without its subject.
std::string describe_cause(const Error& error) {
  std::string text = error_text(error.code);
  if (error.at != 0) text += " at offset " + std::to_string(error.at);
  if (error.os_error != 0) text += std::string(" (") + std::strerror(error.os_error) + ")";
  return text;
}

// Of a file that was cut short, or has grown: its size, and what that should be. An Error has no
// room for both, so the file is looked at again; nothing, if it is another one by now.
std::string describe_sizes(const char* path) {
  const File file = open_file(path, 0);
  struct stat status = {};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &status) != 0) return "";
  const Bytes size{static_cast<std::uint64_t>(status.st_size)};
  const std::string found = ": it has " + std::to_string(size.value) + " bytes, and ";
  constexpr std::size_t kSaid = offsetof(wire::Header, runs_at);  // that far it says its size
  wire::Header header = {};
  const auto bytes = std::as_writable_bytes(std::span(&header, 1)).first(kSaid);
  const bool said = size.value >= kSaid &&
                    !ByteSource::of_file(file.descriptor(), size).read(0, bytes) &&
                    header.magic == wire::kMagic;
  if (said && header.file_size != size.value) {
    return found + "its header says " + std::to_string(header.file_size);
  }
  if (size.value >= sizeof(header)) return "";
  return found + "a header alone takes " + std::to_string(sizeof(header));
}

std::string archive_prefix(std::string_view path) {
  return "archive " + std::string(path) + ": ";
}

// The container that owns an asset or chunk, by its prefix array.
std::uint32_t owner_of(const Array<std::uint32_t>& first, std::uint32_t index) {
  const std::uint32_t* after = std::upper_bound(first.begin(), first.end(), index);
  return static_cast<std::uint32_t>(after - first.begin() - 1);
}

bool holds_asset(const WorldTables& world, ContainerId id, std::uint32_t asset) {
  const ContainerTable& containers = world.containers;
  return id.value < containers.count() && asset >= containers.first_asset[id.value] &&
         asset < containers.first_asset[id.value + 1];
}

Result<void> read_slice_with(ContainerReader& reader, const WorldTables& world,
                             const AssetSlice& slice) {
  if (!holds_asset(world, slice.container, slice.asset)) {
    return Error{.code = ErrorCode::not_found};
  }
  const AssetTable& assets = world.assets;
  if (!range_inside(slice.from.value, slice.into.size(), assets.raw_size[slice.asset])) {
    return Error{.code = ErrorCode::invalid_argument,
                 .subject_kind = Subject::asset,
                 .subject = slice.asset};
  }
  const std::uint64_t raw_at = assets.raw_at[slice.asset] + slice.from.value;
  if (const Error error = reader.read_range(slice.container.value, raw_at, slice.into)) {
    return error;
  }
  return {};
}

}  // namespace

struct Archive::Impl {
  std::string path;
  File file;
  File direct;
  ByteSource source;
  ArchiveTables tables;
};

Archive::Archive(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

Result<Archive> Archive::open(const char* path) {
  File file = open_file(path, 0);
  if (file.descriptor() < 0) return open_error(errno);
  struct stat status = {};
  if (::fstat(file.descriptor(), &status) != 0) return open_error(errno);
  if (!S_ISREG(status.st_mode)) return Error{.code = ErrorCode::not_an_archive};
  const ByteSource source =
      ByteSource::of_file(file.descriptor(), {static_cast<std::uint64_t>(status.st_size)});
  Result<ArchiveTables> tables = read_archive_tables(source);
  if (!tables) return tables.error();
  File direct = open_direct(path, status);
  return Archive(std::unique_ptr<Impl>(new Impl{.path = path,
                                                .file = std::move(file),
                                                .direct = std::move(direct),
                                                .source = source,
                                                .tables = std::move(*tables)}));
}

Source Archive::source() const {
  return {.tables = &impl_->tables.world,
          .file = {.buffered = impl_->file.descriptor(), .direct = impl_->direct.descriptor()}};
}

const WorldTables& Archive::world() const {
  return impl_->tables.world;
}
const std::string& Archive::path() const {
  return impl_->path;
}

ArchiveInfo Archive::info() const {
  const ArchiveHeader& header = impl_->tables.header;
  return {.file_size = {header.file_size},
          .stored_size = {header.stored_size},
          .raw_size = {header.raw_size},
          .version = wire::kVersion,
          .features_required = header.features_required,
          .features_optional = header.features_optional,
          .containers = header.counts.containers,
          .assets = header.counts.assets,
          .chunks = header.counts.chunks,
          .dependencies = header.counts.dependencies,
          .gates = header.counts.gates};
}

std::string_view Archive::container_name(ContainerId id) const {
  NF_ASSERT(id.value < world().containers.count());
  return impl_->tables.names.container_name(id.value);
}

std::string Archive::container_path(ContainerId id) const {
  NF_ASSERT(id.value < world().containers.count());
  std::uint32_t chain[kTreeDepthMax + 1];
  std::size_t depth = 0;
  for (std::uint32_t at = id.value; at != 0; at = world().containers.parent[at])
    chain[depth++] = at;
  std::string path;
  while (depth > 0) {
    if (!path.empty()) path += '/';
    path += impl_->tables.names.container_name(chain[--depth]);
  }
  return path;
}

std::string_view Archive::asset_name(std::uint32_t asset) const {
  NF_ASSERT(asset < world().assets.count());
  return impl_->tables.names.asset_name(asset);
}

std::string_view Archive::gate_name(std::uint32_t gate) const {
  NF_ASSERT(gate < world().gates.count());
  return impl_->tables.names.gate_name(gate);
}

std::string_view Archive::gate_name(GateId gate) const {
  const std::uint32_t number = gate_in_archive(gate);
  return number < world().gates.count() ? gate_name(number) : std::string_view();
}

// Steps down one component at a time, from sibling to sibling.
ContainerId Archive::find_container(std::string_view path) const {
  const ContainerTable& table = world().containers;
  std::uint32_t at = 0;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (slash != std::string_view::npos && path.empty()) return ContainerId::none();
    const std::uint32_t end = table.subtree_end[at];
    std::uint32_t child = at + 1;
    while (child < end && impl_->tables.names.container_name(child) != component) {
      child = table.subtree_end[child];
    }
    if (child >= end) return ContainerId::none();
    at = child;
  }
  return {at};
}

std::uint32_t Archive::find_asset(ContainerId container, std::string_view name) const {
  NF_ASSERT(container.value < world().containers.count());
  const Array<AssetId>& hashes = world().assets.name_hash;
  const AssetId* first = hashes.begin() + world().containers.first_asset[container.value];
  const AssetId* last = hashes.begin() + world().containers.first_asset[container.value + 1];
  const AssetId wanted = asset_id(name);
  const AssetId* found = std::lower_bound(first, last, wanted);
  if (found == last || *found != wanted) return UINT32_MAX;
  const auto asset = static_cast<std::uint32_t>(found - hashes.begin());
  return asset_name(asset) == name ? asset : UINT32_MAX;
}

Result<void> Archive::read_container(ContainerId id, std::span<std::byte> raw) const {
  if (id.value >= world().containers.count()) return Error{.code = ErrorCode::not_found};
  ContainerReader reader(impl_->source, world());
  if (const Error error = reader.read_container(id.value, raw)) return error;
  return {};
}

Result<void> Archive::read_asset(ContainerId id, std::uint32_t asset,
                                 std::span<std::byte> bytes) const {
  if (!holds_asset(world(), id, asset)) return Error{.code = ErrorCode::not_found};
  if (bytes.size() != world().assets.raw_size[asset]) {
    return Error{
        .code = ErrorCode::invalid_argument, .subject_kind = Subject::asset, .subject = asset};
  }
  return read_slice({.container = id, .asset = asset, .from = {}, .into = bytes});
}

Result<void> Archive::read_slice(const AssetSlice& slice) const {
  ContainerReader reader(impl_->source, world());
  return read_slice_with(reader, world(), slice);
}

struct SliceReader::Impl {
  const WorldTables& world;
  ByteSource source;
  ByteSource cached;  // the same file through the page cache
  ContainerReader reader{source, world};
};

SliceReader::SliceReader(const Archive& archive, const SliceReaderOptions& options) {
  const ByteSource& source = archive.impl_->source;
  const int file = archive.impl_->direct.descriptor();
  const bool direct = options.direct && file >= 0;
  impl_.reset(new Impl{.world = archive.world(),
                       .source = direct ? ByteSource::of_direct_file(file, source.size()) : source,
                       .cached = source});
}

SliceReader::SliceReader(SliceReader&&) noexcept = default;
SliceReader& SliceReader::operator=(SliceReader&&) noexcept = default;
SliceReader::~SliceReader() = default;

Result<void> SliceReader::read(const AssetSlice& slice) {
  Result<void> read = read_slice_with(impl_->reader, impl_->world, slice);
  // Some file systems open a file with O_DIRECT and say only at the first read that they cannot.
  const bool refused =
      !read && read.error().code == ErrorCode::file_read_failed && read.error().os_error == EINVAL;
  if (!refused || !direct()) return read;
  impl_.reset(new Impl{.world = impl_->world, .source = impl_->cached, .cached = impl_->cached});
  return read_slice_with(impl_->reader, impl_->world, slice);
}

bool SliceReader::direct() const {
  return impl_->source.alignment() > 1;
}

std::string Archive::describe(const Error& error) const {
  const ContainerTable& containers = world().containers;
  std::string text = archive_prefix(impl_->path);
  const auto add_container = [&](std::uint32_t id) {
    text += id == 0 ? "root container: " : "container " + container_path({id}) + ": ";
  };
  if (error.subject_kind == Subject::container && error.subject < containers.count()) {
    add_container(error.subject);
  } else if (error.subject_kind == Subject::asset && error.subject < world().assets.count()) {
    add_container(owner_of(containers.first_asset, error.subject));
    text += "asset " + std::string(asset_name(error.subject)) + ": ";
  } else if (error.subject_kind == Subject::chunk && error.subject < world().chunks.count()) {
    add_container(owner_of(containers.first_chunk, error.subject));
    text += "chunk " + std::to_string(error.subject) + ": ";
  } else if (error.subject_kind == Subject::gate && error.subject < world().gates.count()) {
    add_container(world().gates.container[error.subject]);
    text += "gate " + std::string(gate_name(error.subject)) + ": ";
  }
  return text + describe_cause(error);
}

std::string describe_open_error(const char* path, const Error& error) {
  std::string text = archive_prefix(path);
  const std::string number = std::to_string(error.subject);
  switch (error.subject_kind) {
    case Subject::container: text += "container " + number + ": "; break;
    case Subject::asset: text += "asset " + number + ": "; break;
    case Subject::chunk: text += "chunk " + number + ": "; break;
    case Subject::gate: text += "gate " + number + ": "; break;
    case Subject::table: text += std::string("table of ") + table_name(error.subject) + ": "; break;
    case Subject::field: text += "header: "; break;
    default: break;
  }
  text += describe_cause(error);
  const bool is_of_size =
      error.code == ErrorCode::file_size_mismatch || error.code == ErrorCode::file_too_short;
  return is_of_size ? text + describe_sizes(path) : text;
}

}  // namespace nf
