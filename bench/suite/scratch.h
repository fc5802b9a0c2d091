// Scratch: files and folders that a suite makes under --dir, and that are gone when it ends.
//
// One owner, any thread. Throws BenchError where the disk refuses.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include <nearfield/device.h>
#include <nearfield/types.h>

namespace nf::bench {

// Named after its process, so that what a killed one left can be told from what is in use.
class ScratchFolder {
 public:
  ScratchFolder(const std::filesystem::path& dir, const std::string& name);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Remove what processes that are gone left: scratch folders in `dir`, and in a folder of the
// suites' own the archives that were not finished.
void remove_abandoned_folders(const std::filesystem::path& dir);
void remove_abandoned_archives(const std::filesystem::path& folder);

// A file, opened for reading both ways; `direct` is -1 where the file system refuses O_DIRECT.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  FileHandle handle() const { return handle_; }
  int best() const { return handle_.direct >= 0 ? handle_.direct : handle_.buffered; }
  Bytes size() const { return size_; }

 private:
  FileHandle handle_;
  Bytes size_;
};

// Writes `size` bytes, a multiple of 1 MiB, as `fill(at, part)` makes them, flushes them and drops
// them from the page cache. Refuses if the disk would be left less than a tenth free; what is
// small may take all but 64 MiB.
void write_file(const std::filesystem::path& path, Bytes size,
                const std::function<void(FileOffset at, std::span<std::byte> part)>& fill);

}  // namespace nf::bench
