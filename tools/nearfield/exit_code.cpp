#include "tools/nearfield/exit_code.h"

#include <cerrno>

namespace nf {

namespace {

// What the kernel says when it has run out of something, whoever asked.
bool is_shortage(int os_error) {
  switch (os_error) {
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO: return true;
    default: return false;
  }
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
  if (error && is_shortage(error.os_error)) return ExitCode::machine_refused;
  switch (error.code) {
    case ErrorCode::ok: return ExitCode::done;
    case ErrorCode::canceled: return ExitCode::interrupted;
    case ErrorCode::invalid_argument:
    case ErrorCode::limit_exceeded:
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::memory_misaligned:
    case ErrorCode::memory_too_small:
    case ErrorCode::memory_overlaps: return ExitCode::wrong_use;
    case ErrorCode::in_use: return ExitCode::wrong_use;
    case ErrorCode::out_of_memory:
    case ErrorCode::file_read_failed:
    case ErrorCode::file_write_failed:
    case ErrorCode::file_sync_failed:
    case ErrorCode::replaced_not_flushed:
    case ErrorCode::disk_full:
    case ErrorCode::permission_denied:
    case ErrorCode::unsupported:
    case ErrorCode::timed_out: return ExitCode::machine_refused;
    case ErrorCode::file_open_failed:
      return error.os_error == ENOENT || error.os_error == ENOTDIR || error.os_error == EISDIR
                 ? ExitCode::wrong_use
                 : ExitCode::machine_refused;
    default: return ExitCode::bad_input;
  }
}

}  // namespace nf
