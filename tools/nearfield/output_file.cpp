#include "tools/nearfield/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fstream>

#include "formats/archive/archive_format.h"
#include "formats/model/model.h"

namespace nf {
namespace {

constexpr std::size_t kFrontSize = 256;

std::string front_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string front(kFrontSize, '\0');
  file.read(front.data(), static_cast<std::streamsize>(front.size()));
  front.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return front;
}

bool is_page(const std::string& front) {
  std::string text;
  for (const char c : front) {
    const auto letter = static_cast<unsigned char>(c);
    if (!text.empty() || std::isspace(letter) == 0) {
      text += static_cast<char>(std::tolower(letter));
    }
  }
  return text.starts_with("<!doctype html") || text.starts_with("<html");
}

bool is_json(const std::string& front) {
  const std::size_t at = front.find_first_not_of(" \t\r\n");
  return at != std::string::npos && (front[at] == '{' || front[at] == '[');
}

bool is_archive(const std::string& front) {
  return front.size() >= wire::kMagic.size() &&
         std::memcmp(front.data(), wire::kMagic.data(), wire::kMagic.size()) == 0;
}

}  // namespace

std::string wrong_output(const OutputFile& output) {
  const std::string& path = output.path;
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    if (path.empty() || path.back() == '/') return path + " names a folder; name a file";
    if (::lstat(path.c_str(), &status) == 0) return path + " is a link that leads nowhere";
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (!is_folder(folder)) return path + " cannot be written: there is no folder " + folder;
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
      return path + " cannot be written: no permission to write in " + folder;
    }
    return "";
  }
  if (S_ISDIR(status.st_mode)) return path + " is a folder; name a file";
  if (!S_ISREG(status.st_mode)) {
    return path + " is a device or a pipe; name a file";
  }
  if (status.st_size == 0 || output.force) return "";
  const std::string front = front_of(path);
  if (output.kind == OutputKind::archive && !is_archive(front)) {
    return path + " exists and is not a nearfield archive; --force replaces it";
  }
  if (output.kind == OutputKind::report && !is_page(front)) {
    return path + " exists and is not a report; --force replaces it";
  }
  if (output.kind == OutputKind::json && !is_json(front)) {
    return path + " exists and is no JSON; --force replaces it";
  }
  if (output.kind == OutputKind::model && !begins_like_model(std::as_bytes(std::span(front)))) {
    return path + " exists and is no model; --force replaces it";
  }
  return "";
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first = {}, second = {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

bool is_folder(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace nf
