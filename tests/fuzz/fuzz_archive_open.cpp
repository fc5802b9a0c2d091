// Any bytes as an archive: opened and read to the end or refused, without harm.
//
// The input's checksums are repaired first, so that what lies behind them is reached; the reader
// itself has no way around them. If the last byte is even, the header's layout is repaired as well.
#include <cstring>

#include "formats/archive/archive_tables.h"
#include "formats/archive/container_reader.h"
#include "tests/golden/archive_surgery.h"

namespace {

using namespace nf;

constexpr std::size_t kSizeMax = 1u << 20;
constexpr std::uint32_t kChunksReadMax = 64;  // of a container: a mebibyte each is slow enough

// Gives the tables the one place that the counts allow, as far as the file may grow for it.
void repair_layout(std::vector<std::byte>& bytes) {
  auto wire = sample::get<wire::Header>(bytes, 0);
  ArchiveHeader header;
  header.runs_size = wire.runs_size % kSizeMax / wire::kPage * wire::kPage;
  header.counts = {.containers = wire.container_count % 1024,
                   .assets = wire.asset_count % 4096,
                   .chunks = wire.chunk_count % 4096,
                   .dependencies = wire.dependency_count % 4096};
  header.features_required = wire.features_required & wire::kFeaturesKnown;
  if ((header.features_required & wire::kGates) != 0) {
    const std::uint64_t size = wire.tables[wire::kGatesTable].size;
    header.counts.gates = static_cast<std::uint32_t>(size / sizeof(wire::GateRecord) % 4096 + 1);
  }
  lay_out(header, wire.tables[wire::kNamesTable].size % 65'536);
  bytes.resize(header.file_size);
  header.stored_size = wire.stored_size;
  header.raw_size = wire.raw_size;
  const HeaderBytes encoded = encode_header(header);
  std::memcpy(bytes.data(), encoded.data(), encoded.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < sizeof(wire::Header) || size > kSizeMax) return 0;
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin, begin + size);
  if (data[size - 1] % 2 == 0) repair_layout(bytes);
  sample::repair_chunk_checksums(bytes);
  sample::repair_checksums(bytes);
  const ByteSource source = ByteSource::of_memory(bytes);
  const Result<ArchiveTables> tables = read_archive_tables(source);
  if (!tables) return 0;
  ContainerReader reader(source, tables->world);
  for (std::uint32_t id = 0; id < tables->world.containers.count(); ++id) {
    std::uint32_t read = 0;
    (void)reader.for_each_chunk(id, [&](std::uint32_t, const Error&, std::span<const std::byte>) {
      return ++read < kChunksReadMax;
    });
  }
  return 0;
}
