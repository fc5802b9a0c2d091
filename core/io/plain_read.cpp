#include "core/io/plain_read.h"

#include <unistd.h>

#include <cerrno>

namespace nf {

RawCompletion read_now(const RawRead& raw, const FileHandle& file) {
  const int first = file.direct >= 0 ? file.direct : file.buffered;
  const auto at = static_cast<off_t>(raw.at);
  ssize_t got = ::pread(first, raw.into, raw.size, at);
  if (got < 0 && errno == EINVAL && file.direct >= 0 && file.buffered >= 0) {
    got = ::pread(file.buffered, raw.into, raw.size, at);
  }
  const int result = got < 0 ? -errno : static_cast<int>(got);
  return {.user_data = raw.user_data, .result = result};
}

}  // namespace nf
