#include <nearfield/result.h>

namespace nf {

const char* error_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return "no error";
    case ErrorCode::invalid_argument: return "invalid argument";
    case ErrorCode::limit_exceeded: return "limit exceeded";
    case ErrorCode::not_found: return "not found";
    case ErrorCode::already_exists: return "already exists";
    case ErrorCode::memory_misaligned: return "the memory given is misaligned";
    case ErrorCode::memory_too_small: return "the memory given is too small";
    case ErrorCode::memory_overlaps: return "the memory given overlaps itself";
    case ErrorCode::in_use: return "still in use";
    case ErrorCode::out_of_memory: return "out of memory";
    case ErrorCode::file_open_failed: return "file cannot be opened";
    case ErrorCode::file_read_failed: return "read failed";
    case ErrorCode::file_write_failed: return "write failed";
    case ErrorCode::file_sync_failed: return "flush to disk failed";
    case ErrorCode::file_too_short: return "file is too short";
    case ErrorCode::disk_full: return "disk full";
    case ErrorCode::permission_denied: return "permission denied";
    case ErrorCode::unsupported: return "not supported on this machine";
    case ErrorCode::timed_out: return "timed out";
    case ErrorCode::canceled: return "canceled";
    case ErrorCode::not_an_archive: return "not a nearfield archive";
    case ErrorCode::version_unsupported: return "archive version not supported";
    case ErrorCode::feature_unsupported: return "archive needs a feature this reader lacks";
    case ErrorCode::header_checksum_mismatch: return "header checksum mismatch";
    case ErrorCode::table_checksum_mismatch: return "table checksum mismatch";
    case ErrorCode::chunk_checksum_mismatch: return "chunk checksum mismatch";
    case ErrorCode::chunk_decode_failed: return "chunk cannot be decoded";
    case ErrorCode::file_size_mismatch: return "file size differs from the header";
    case ErrorCode::field_out_of_range: return "field out of range";
    case ErrorCode::reserved_not_zero: return "reserved bytes are not zero";
    case ErrorCode::tables_overlap: return "tables overlap";
    case ErrorCode::runs_overlap: return "container runs overlap";
    case ErrorCode::tree_malformed: return "container tree malformed";
    case ErrorCode::order_wrong: return "records out of order";
    case ErrorCode::name_invalid: return "name invalid";
    case ErrorCode::name_duplicate: return "name duplicate";
    case ErrorCode::dependency_invalid: return "dependency invalid";
    case ErrorCode::source_malformed: return "source malformed";
    case ErrorCode::not_a_model: return "not a nearfield model";
    case ErrorCode::replaced_not_flushed:
      return "replaced, but the folder could not be flushed: the new file may not survive a power "
             "cut";
  }
  return "unknown error";
}

}  // namespace nf
