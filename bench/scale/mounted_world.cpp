#include "bench/scale/mounted_world.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string>

#include <nearfield/archive.h>
#include <nearfield/streamer.h>

#include <nlohmann/json.hpp>

#include "bench/suite/clocks.h"
#include "bench/suite/page_cache.h"
#include "bench/suite/scratch.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/output.h"

namespace nf::bench {
namespace {

// "Rss:  1234 kB" of a file in /proc/self.
Bytes memory_line(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    return Bytes{std::stoull(line.substr(key.size())) << 10};
  }
  throw BenchError(std::string(file) + " does not say " + key);
}

// The counter of `status` is behind by what each processor has not handed in yet.
Bytes resident_memory() {
  return memory_line("/proc/self/smaps_rollup", "Rss:");
}

Bytes grown(Bytes before, Bytes after) {
  return after > before ? after - before : Bytes{};
}

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw BenchError("a pipe is refused");
  }
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::string read_all() const {
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
      const ssize_t got = ::read(ends_[0], part.data(), part.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

// Standard output of this program, started anew with these words. Empty if it did not end well: it
// has said why on standard error.
std::string output_of_self(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  Pipe pipe;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe.writer(), STDOUT_FILENO);
  pid_t process = -1;
  const int refused =
      ::posix_spawn(&process, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (refused != 0) throw BenchError("this program cannot be started a second time");
  pipe.close_writer();
  std::string text = pipe.read_all();
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "";
}

}  // namespace

MountSample open_and_mount(const std::filesystem::path& path, FileCache cache) {
  if (cache == FileCache::cold) {
    const OpenFile file(path);
    require_cold(file.handle().buffered, path.filename().string());
  }
  MountSample sample;
  const Bytes before = resident_memory();
  const double opening = wall_seconds();
  const Result<Archive> archive = Archive::open(path.c_str());
  sample.open_seconds = wall_seconds() - opening;
  if (!archive) throw BadInput(describe_open_error(path.c_str(), archive.error()));
  sample.open_memory = grown(before, resident_memory());

  // Registered staging would be resident from the start and say nothing of the world.
  Result<Streamer> streamer =
      Streamer::create({.memory_budget = {256ull << 20}, .register_staging = false});
  if (!streamer) throw BenchError("the runtime cannot start: " + cause_of(streamer.error()));
  const Bytes created = resident_memory();
  const double mounting = wall_seconds();
  const auto mounted = streamer->mount(archive->source());
  sample.mount_seconds = wall_seconds() - mounting;
  if (!mounted) throw BenchError("the world does not mount: " + cause_of(mounted.error()));
  sample.memory = resident_memory();
  sample.mount_memory = grown(created, sample.memory);
  sample.memory_peak = memory_line("/proc/self/status", "VmHWM:");
  sample.containers = archive->info().containers;
  sample.assets = archive->info().assets;
  return sample;
}

MountSample mount_in_fresh_process(const std::filesystem::path& path, FileCache cache) {
  const std::string text =
      output_of_self({"nearfield_bench", "scale", "--line", "--world", path.string(), "--cache",
                      cache == FileCache::cold ? "cold" : "warm"});
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) throw BenchError(path.filename().string() + " could not be mounted");
  const auto bytes = [&line](const char* key) { return Bytes{line.at(key).get<std::uint64_t>()}; };
  MountSample sample;
  sample.open_seconds = line.at("open_seconds").get<double>();
  sample.mount_seconds = line.at("mount_seconds").get<double>();
  sample.open_memory = bytes("open_memory");
  sample.mount_memory = bytes("mount_memory");
  sample.memory = bytes("memory");
  sample.memory_peak = bytes("memory_peak");
  sample.containers = line.at("containers").get<std::uint64_t>();
  sample.assets = line.at("assets").get<std::uint64_t>();
  return sample;
}

}  // namespace nf::bench
