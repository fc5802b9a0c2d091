#include "formats/pack/pack.h"

#include <filesystem>
#include <new>
#include <system_error>

#include "formats/archive/archive_writer.h"
#include "formats/pack/check_source.h"
#include "formats/pack/order.h"
#include "formats/pack/pack_pipeline.h"

namespace nf {

namespace {

constexpr std::uint32_t kThreadsMax = 256;

Result<void> check_options(const PackOptions& options, std::string& detail) {
  const auto refuse = [&](const char* text) {
    detail = text;
    return Error{.code = ErrorCode::invalid_argument};
  };
  if (options.chunk_size != 0 &&
      (options.chunk_size < 4096 || options.chunk_size > kChunkRawSizeMax))
    return refuse("a chunk has 4 KiB to 1 MiB");
  if (options.lz4_level < 3 || options.lz4_level > 12) return refuse("LZ4 has the levels 3 to 12");
  if (options.zstd_level < 1 || options.zstd_level > 19)
    return refuse("zstd has the levels 1 to 19");
  if (!(options.disk_bytes_per_second > 0)) return refuse("the speed of the disk is over 0");
  if (options.threads > kThreadsMax) return refuse("at most 256 threads");
  return {};
}

Result<PackReport> pack_checked(const SourceWorld& source, const std::string& path,
                                const PackOptions& options, std::string& detail) {
  if (const Result<void> good = check_options(options, detail); !good) return good.error();
  if (const Result<void> good = check_source(source, detail); !good) return good.error();
  const Result<PackOrder> order = order_world(source, detail);
  if (!order) return order.error();
  Result<ArchiveWriter> writer = ArchiveWriter::create(path);
  if (!writer) {
    const ErrorCode code = writer.error().code;
    detail = path + ": " +
             (code == ErrorCode::invalid_argument ? "only a regular file can be made or replaced"
                                                  : error_text(code));
    return writer.error();
  }
  PackPipeline pipeline(source, *order, options, *writer, detail);
  if (const Result<void> ran = pipeline.run(); !ran) return ran.error();
  const Result<ArchiveContent> content = pipeline.tables().finish(source, *order, detail);
  if (!content) return content.error();
  if (const Result<void> finished = writer->finish(*content); !finished) {
    detail = path + ": " + error_text(finished.error().code);
    return finished.error();
  }
  PackReport report = pipeline.tables().report();
  std::error_code error;
  const std::uintmax_t file_size = std::filesystem::file_size(path, error);
  report.file_size = Bytes{error ? 0 : file_size};
  return report;
}

}  // namespace

Result<PackReport> pack_world(const SourceWorld& source, const std::string& path,
                              const PackOptions& options, std::string& detail) {
  try {
    return pack_checked(source, path, options, detail);
  } catch (const std::bad_alloc&) {
    detail = "out of memory";
    return Error{.code = ErrorCode::out_of_memory};
  }
}

}  // namespace nf
