#include "tools/nearfield/text_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace nf {
namespace {

Error last_error() {
  return {.code = ErrorCode::file_write_failed, .os_error = static_cast<std::uint8_t>(errno)};
}

Result<void> write_in_place(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return last_error();
  return {};
}

// Standard output by its name in /dev may be a regular file, and keeps what was printed to it.
bool may_be_replaced(const std::string& path, const std::string& folder) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) return false;
  if (path.starts_with("/dev/") || path.starts_with("/proc/")) return false;
  return ::access(folder.c_str(), W_OK) == 0;
}

}  // namespace

Result<void> write_text_file(const std::string& path, const std::string& text) {
  std::error_code failed;
  // Through a link: the file that it leads to is replaced, not the link.
  std::filesystem::path target = std::filesystem::canonical(path, failed);
  if (failed) target = std::filesystem::absolute(path);
  if (!may_be_replaced(path, target.parent_path().string())) return write_in_place(path, text);
  const std::string partial = target.string() + ".partial" + std::to_string(::getpid());
  if (const Result<void> written = write_in_place(partial, text); !written) {
    ::unlink(partial.c_str());
    return written.error();
  }
  if (std::rename(partial.c_str(), target.c_str()) == 0) return {};
  const Error error = last_error();
  ::unlink(partial.c_str());
  return error;
}

}  // namespace nf
