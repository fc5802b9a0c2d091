#include "tests/end_to_end/sample_source.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "core/base/prng.h"

namespace nf::end_to_end {
namespace {

namespace fs = std::filesystem;

// Bytes that compress about as well as a game's: pieces that come again.
std::string compressible(Prng& random, std::size_t size) {
  std::vector<std::string> pieces(96);
  for (std::string& piece : pieces) {
    piece.resize(4 + random.below(40));
    for (char& letter : piece) letter = static_cast<char>(random.below(256));
  }
  std::string text;
  while (text.size() < size) text += pieces[random.below(pieces.size())];
  text.resize(size);
  return text;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string zone_json(const SampleOptions& options, Prng& random, const std::string& name, int x,
                      int y) {
  const std::string place = std::to_string(x * 3000.0 + random.between(-400, 400)) + ", " +
                            std::to_string(y * 3000.0 + random.between(-400, 400)) + ", " +
                            std::to_string(random.between(0, 100));
  return "{\"name\": " + quoted(name) + ", \"position\": [" + place +
         "], \"bounds\": {\"sphere\": 300}, \"load_distance\": " +
         std::to_string(options.load_distance) + ", \"dependencies\": [\"shared/t" +
         std::to_string(random.below(4)) + "\"], \"assets\": [" + quoted(name + "/ground.mesh") +
         ", " + quoted(name + "/ground.dds") + ", " + quoted(name + "/note.txt") + "]}";
}

std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    files[fs::relative(entry.path(), folder).string()] = read_text(entry.path().string());
  }
  return files;
}

}  // namespace

WorkFolder::WorkFolder() {
  const char* chosen = std::getenv("NF_TEST_TMPDIR");
  const fs::path parent = chosen != nullptr ? fs::path(chosen) : fs::temp_directory_path();
  std::string pattern = (parent / "nearfield-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write_sample_source(const std::string& folder, const SampleOptions& options) {
  Prng random(11);
  std::string children = "{\"name\": \"shared\", \"children\": [";
  for (int i = 0; i < 4; ++i) {
    const std::string file = "shared/t" + std::to_string(i) + ".dds";
    write_text(folder + "/" + file, compressible(random, 150'000));
    children += std::string(i > 0 ? ", " : "") + "{\"name\": \"t" + std::to_string(i) +
                "\", \"shared\": true, \"assets\": [" + quoted(file) + "]}";
  }
  children += "]}";
  for (int y = 0; y < options.zones_per_side; ++y) {
    for (int x = 0; x < options.zones_per_side; ++x) {
      const std::string name = "zone_" + std::to_string(x) + "_" + std::to_string(y);
      write_text(folder + "/" + name + "/ground.mesh",
                 compressible(random, options.zone_bytes * 2 / 3));
      write_text(folder + "/" + name + "/ground.dds", compressible(random, options.zone_bytes / 3));
      write_text(folder + "/" + name + "/note.txt", "this is " + name + "\n");
      children += ",\n" + zone_json(options, random, name, x, y);
    }
  }
  write_text(folder + "/world.json",
             "{\"format\": \"nearfield world\", \"version\": 1, \"root\": {\"children\": [" +
                 children + "]}}\n");
}

void write_plain_source(const std::string& folder) {
  Prng random(7);
  write_text(folder + "/top.txt", "at the top\n");
  write_text(folder + "/empty.bin", "");
  write_text(folder + "/a/deep/er/still/leaf.mesh", compressible(random, 700'000));
  write_text(folder + "/a/deep/random.dds", [&] {
    std::string text(300'001, '\0');
    for (char& letter : text) letter = static_cast<char>(random.below(256));
    return text;
  }());
  write_text(folder + "/a/one byte.txt", "x");
  write_text(folder + "/naïve/Größe Δ 星.txt", "names are UTF-8\n");
  for (int i = 0; i < 200; ++i) {
    write_text(folder + "/many/file_" + std::to_string(i) + ".wav",
               compressible(random, random.below(3000)));
  }
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

void flip_byte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const char flipped = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(flipped);
}

std::string tree_difference(const std::string& a, const std::string& b) {
  const std::map<std::string, std::string> left = files_of(a), right = files_of(b);
  for (const auto& [name, bytes] : left) {
    const auto other = right.find(name);
    if (other == right.end()) return name + " is only in " + a;
    if (other->second != bytes) return name + " differs";
  }
  for (const auto& [name, bytes] : right) {
    if (left.find(name) == left.end()) return name + " is only in " + b;
  }
  return "";
}

}  // namespace nf::end_to_end
