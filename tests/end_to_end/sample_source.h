// A small world to pack, and folders to work in. Test support.
//
// One owner each. Everything is made from fixed seeds: the same bytes every time.
#pragma once

#include <filesystem>
#include <string>

namespace nf::end_to_end {

// A folder of one test's own, under NF_TEST_TMPDIR or TMPDIR, removed at the end.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct SampleOptions {
  int zones_per_side = 9;           // a square of zones, 3 km apart
  std::size_t zone_bytes = 90'000;  // about
  double load_distance = 3000;
};

// A folder with a world.json: zones with a mesh, a texture and a text each, which depend on shared
// textures. The same bytes every time.
void write_sample_source(const std::string& folder, const SampleOptions& options);
// A folder without one: folders in folders, empty files, names in many alphabets.
void write_plain_source(const std::string& folder);

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);
void flip_byte(const std::string& path, std::uint64_t at);

// Empty if the trees hold the same files with the same bytes; else the first difference.
std::string tree_difference(const std::string& a, const std::string& b);

}  // namespace nf::end_to_end
