#include "formats/archive/byte_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/checked.h"

namespace nf {

Error ByteSource::read(std::uint64_t at, std::span<std::byte> into) const {
  if (into.empty()) return {};
  if (!range_inside(at, into.size(), size_)) return {.code = ErrorCode::file_too_short, .at = at};
  if (reader_ != nullptr) return reader_(context_, at, into);
  if (file_ < 0) {
    std::memcpy(into.data(), static_cast<const std::byte*>(context_) + at, into.size());
    return {};
  }
  while (!into.empty()) {
    const ssize_t got = ::pread(file_, into.data(), into.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return {.code = ErrorCode::file_read_failed,
              .os_error = static_cast<std::uint8_t>(errno),
              .at = at};
    }
    // A direct read that came back short goes on at a multiple of the alignment; one that brought
    // less than that has met the end of the file.
    const std::uint64_t taken = align_down(static_cast<std::uint64_t>(got), alignment_);
    if (taken == 0) return {.code = ErrorCode::file_too_short, .at = at};
    into = into.subspan(taken);
    at += taken;
  }
  return {};
}

}  // namespace nf
