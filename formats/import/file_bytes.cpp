#include "formats/import/file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nf {

namespace {

class OpenFile {
 public:
  // O_NONBLOCK keeps the open of a pipe from waiting; it changes nothing for regular files.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error system_error(ErrorCode code, int number) {
  if (number == EACCES || number == EPERM) code = ErrorCode::permission_denied;
  return Error{
      .code = code, .os_error = static_cast<std::uint8_t>(number), .subject_kind = Subject::file};
}

Result<std::uint64_t> regular_size(const OpenFile& file, const std::string& path,
                                   std::string& detail) {
  if (file.fd() < 0) {
    const int number = errno;
    detail =
        path + ": " +
        (number == ELOOP ? "is a symbolic link, which could lead outside" : std::strerror(number));
    return system_error(ErrorCode::file_open_failed, number);
  }
  struct stat info = {};
  if (::fstat(file.fd(), &info) != 0) {
    detail = path + ": " + std::strerror(errno);
    return system_error(ErrorCode::file_open_failed, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    detail = path + ": is not a regular file";
    return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Result<void> read_exactly(const OpenFile& file, std::span<std::byte> into, const std::string& path,
                          std::string& detail) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(file.fd(), into.data() + done, into.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      detail = path + ": " + std::strerror(errno);
      return system_error(ErrorCode::file_read_failed, errno);
    }
    if (got == 0) {
      detail = path + ": became shorter while it was read";
      return Error{.code = ErrorCode::file_too_short, .subject_kind = Subject::file, .at = done};
    }
    done += static_cast<std::size_t>(got);
  }
  return {};
}

// zlib's state, ended whatever happens.
struct Inflater {
  z_stream stream = {};
  bool ready = false;

  Inflater() { ready = ::inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK; }  // 16: gzip, nothing else
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) ::inflateEnd(&stream);
  }
};

}  // namespace

Result<std::vector<std::byte>> read_file(const std::string& path, Bytes size_max,
                                         std::string& detail) {
  const OpenFile file(path);
  const Result<std::uint64_t> size = regular_size(file, path, detail);
  if (!size) return size.error();
  if (*size > size_max.value) {
    detail =
        path + ": is larger than the " + std::to_string(size_max.value) + " bytes that are read";
    return Error{.code = ErrorCode::limit_exceeded, .subject_kind = Subject::file};
  }
  std::vector<std::byte> bytes(*size);
  if (const Result<void> read = read_exactly(file, bytes, path, detail); !read) return read.error();
  return bytes;
}

Result<std::vector<std::byte>> read_file_front(const std::string& path, Bytes size_max,
                                               std::string& detail) {
  const OpenFile file(path);
  const Result<std::uint64_t> size = regular_size(file, path, detail);
  if (!size) return size.error();
  std::vector<std::byte> bytes(std::min(*size, size_max.value));
  if (const Result<void> read = read_exactly(file, bytes, path, detail); !read) return read.error();
  return bytes;
}

Result<std::vector<std::byte>> gunzip(std::span<const std::byte> zipped, Bytes size_max) {
  constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
  Inflater inflater;
  if (!inflater.ready) return Error{.code = ErrorCode::out_of_memory};
  z_stream& z = inflater.stream;
  std::vector<std::byte> out(std::min<std::uint64_t>(zipped.size() * 4 + 64, size_max.value));
  std::size_t in_done = 0;
  std::size_t out_done = 0;
  for (;;) {
    const std::size_t in_step = std::min(zipped.size() - in_done, kStep);
    const std::size_t out_step = std::min(out.size() - out_done, kStep);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(zipped.data() + in_done));
    z.avail_in = static_cast<uInt>(in_step);
    std::byte spare{};  // tells "full" from "finished" when the output has reached its limit
    z.next_out = reinterpret_cast<Bytef*>(out_step == 0 ? &spare : out.data() + out_done);
    z.avail_out = out_step == 0 ? 1 : static_cast<uInt>(out_step);
    const int state = ::inflate(&z, Z_NO_FLUSH);
    in_done += in_step - z.avail_in;
    if (out_step == 0 && z.avail_out == 0) return Error{.code = ErrorCode::limit_exceeded};
    if (out_step != 0) out_done += out_step - z.avail_out;
    if (state == Z_STREAM_END) {
      if (in_done == zipped.size()) break;
      if (::inflateReset(&z) != Z_OK) return Error{.code = ErrorCode::out_of_memory};
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      return Error{.code = ErrorCode::source_malformed, .at = in_done};
    } else if (in_done == zipped.size() && z.avail_out != 0) {
      return Error{.code = ErrorCode::source_malformed, .at = in_done};  // it ends in the middle
    } else if (out_done == out.size() && out.size() < size_max.value) {
      out.resize(std::min<std::uint64_t>(out.size() * 2, size_max.value));
    }
  }
  out.resize(out_done);
  return out;
}

}  // namespace nf
