#include "formats/archive/verify.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "core/base/array.h"
#include "core/base/checked.h"
#include "formats/archive/archive_header.h"
#include "formats/archive/byte_source.h"
#include "formats/archive/container_reader.h"

namespace nf {
namespace {

constexpr std::uint32_t kThreadsMax = 64;

bool is_zero(std::byte b) {
  return b == std::byte{0};
}

// What the threads of one run share. Containers are handed out by number; each result has a place
// of its own, so the report does not depend on who did what when.
struct Shared {
  Shared(const WorldTables& tables, const ByteSource& bytes)
      : world(tables), source(bytes), containers(tables.containers.count()) {}

  const WorldTables& world;
  const ByteSource source;
  const std::uint32_t containers;
  std::atomic<std::uint32_t> next_container{0};
  std::atomic<std::uint64_t> bytes_checked{0};
  std::atomic<std::uint64_t> chunks_checked{0};
  std::atomic<bool> stopped{false};
  std::atomic<bool> padding_clean{true};
  std::span<PathHash> hashes;  // by container, of its decoded bytes

  std::mutex mutex;  // guards what follows
  std::vector<BadChunk> bad_chunks;
  Error failure;        // of the file: the run ends
  Error padding_error;  // the owner's alone

  void fail(const Error& error) {
    const std::lock_guard lock(mutex);
    if (!failure) failure = error;
    stopped = true;
  }
};

// Called between chunks on the thread that has a progress to report; false stops the run.
using Pulse = std::function<bool()>;

// Clears `padding_clean` unless every byte of [at, end) is zero.
Error check_padding(Shared& shared, std::uint64_t at, std::uint64_t end, const Pulse& pulse) {
  std::byte piece[wire::kPage];
  while (at < end && !shared.stopped) {
    const std::size_t size = std::min<std::uint64_t>(sizeof(piece), end - at);
    const std::span<std::byte> bytes = std::span(piece).first(size);
    const Error error = shared.source.read(at, bytes);
    if (error && error.code != ErrorCode::file_read_failed) return error;
    if (error && !shared.padding_error) shared.padding_error = error;
    if (error || !std::all_of(bytes.begin(), bytes.end(), is_zero)) shared.padding_clean = false;
    at += size;
    if (pulse && !pulse()) shared.stopped = true;
  }
  return {};
}

Error check_container(Shared& shared, ContainerReader& reader, std::uint32_t id,
                      const Pulse& pulse) {
  Hasher128 hasher;
  const auto visit = [&](std::uint32_t chunk, const Error& error, std::span<const std::byte> raw) {
    hasher.add(raw);
    if (error) {
      const std::lock_guard lock(shared.mutex);
      shared.bad_chunks.push_back({.container = {id}, .chunk = chunk, .error = error});
    }
    shared.bytes_checked += shared.world.chunks.stored_size[chunk];
    ++shared.chunks_checked;
    if (pulse && !pulse()) shared.stopped = true;
    return !shared.stopped;
  };
  const Error error = reader.for_each_chunk(id, visit);
  shared.hashes[id] = hasher.finish();
  return error;
}

// Takes containers until there are none, somebody stopped the run or the file failed.
void check_containers(Shared& shared, const Pulse& pulse) {
  try {
    ContainerReader reader(shared.source, shared.world);
    while (!shared.stopped) {
      const std::uint32_t id = shared.next_container++;
      if (id >= shared.containers) return;
      const Error error = check_container(shared, reader, id, pulse);
      if (error) shared.fail(error);
    }
  } catch (const std::bad_alloc&) {
    shared.fail({.code = ErrorCode::out_of_memory});
  }
}

// The gaps between the runs. Those behind the tables are checked by `check_table_padding`.
Error check_run_padding(Shared& shared, std::uint64_t runs_end, const Pulse& pulse) {
  const ContainerTable& table = shared.world.containers;
  std::uint64_t end_before = wire::kPage;
  for (std::uint32_t i = 0; i < shared.containers && !shared.stopped; ++i) {
    if (table.run_size[i] == 0) continue;
    const Error error = check_padding(shared, end_before, table.run_at[i].value, pulse);
    if (error) return error;
    end_before = table.run_at[i].value + table.run_size[i];
  }
  return check_padding(shared, end_before, runs_end, pulse);
}

Error check_table_padding(Shared& shared, const ArchiveHeader& header, const Pulse& pulse) {
  for (const TablePlace& place : header.tables) {
    const std::uint64_t end = place.at + place.size;
    const Error error = check_padding(shared, end, align_up(end, wire::kPage), pulse);
    if (error) return error;
  }
  return {};
}

// Fewer threads than asked for if the machine has no more to give.
std::vector<std::thread> start_threads(Shared& shared, std::uint32_t count) {
  std::vector<std::thread> threads;
  try {
    threads.reserve(count);
    while (threads.size() < count) {
      threads.emplace_back([&shared] { check_containers(shared, {}); });
    }
  } catch (const std::system_error&) {
    return threads;
  } catch (const std::bad_alloc&) {
    return threads;
  }
  return threads;
}

void check_chunks(Shared& shared, std::uint32_t threads, const Pulse& pulse) {
  std::vector<std::thread> others = start_threads(shared, threads - 1);
  check_containers(shared, pulse);
  for (std::thread& other : others) other.join();
}

void report(Shared& shared, VerifyReport& report) {
  std::sort(shared.bad_chunks.begin(), shared.bad_chunks.end(),
            [](const BadChunk& a, const BadChunk& b) { return a.chunk < b.chunk; });
  report.bad_chunks = std::move(shared.bad_chunks);
  report.chunks_checked = shared.chunks_checked;
  report.bytes_checked = {shared.bytes_checked};
  report.padding_clean = shared.padding_clean;
  report.padding_error = shared.padding_error;
  if (report.bad_chunks.empty()) report.content_hash = hash128(std::as_bytes(shared.hashes));
}

}  // namespace

Result<VerifyReport> verify_archive(const Archive& archive, const VerifyOptions& options) {
  const ByteSource source =
      ByteSource::of_file(archive.source().file.buffered, archive.info().file_size);
  return verify_source(source, archive.world(), options);
}

Result<VerifyReport> verify_source(const ByteSource& source, const WorldTables& world,
                                   const VerifyOptions& options) {
  if (options.threads == 0 || options.threads > kThreadsMax) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  // The header again, for where the tables end; it is checked as it was at open.
  HeaderBytes bytes;
  if (const Error error = source.read(0, bytes)) return error;
  const Result<ArchiveHeader> header = decode_header(bytes, source.size());
  if (!header) return header.error();
  Shared shared(world, source);
  Result<Array<PathHash>> hashes = Array<PathHash>::make(shared.containers);
  if (!hashes) return hashes.error();
  shared.hashes = hashes->span();
  Pulse pulse;
  if (options.progress) {
    pulse = [&] { return options.progress(Bytes{shared.bytes_checked}); };
  }
  check_chunks(shared, options.threads, pulse);
  if (shared.failure) return shared.failure;
  Error error = check_run_padding(shared, header->runs_end(), pulse);
  if (!error) error = check_table_padding(shared, *header, pulse);
  if (error) return error;
  if (shared.stopped) return Error{.code = ErrorCode::canceled};
  VerifyReport result;
  report(shared, result);
  return result;
}

}  // namespace nf
