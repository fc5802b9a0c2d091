#include "formats/import/generate.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>

#include "core/base/prng.h"
#include "formats/import/generate_assets.h"
#include "formats/import/generate_plan.h"
#include "formats/import/unfinished_world.h"
#include "formats/import/world_file_writer.h"

namespace nf {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kThreadsMax = 64;
constexpr std::uint64_t kMeshSizeMax = 64u << 20;

Error system_error(int number) {
  ErrorCode code = ErrorCode::file_write_failed;
  if (number == ENOSPC || number == EDQUOT) code = ErrorCode::disk_full;
  if (number == EACCES || number == EPERM || number == EROFS) code = ErrorCode::permission_denied;
  return {
      .code = code, .os_error = static_cast<std::uint8_t>(number), .subject_kind = Subject::file};
}

Result<void> write_file(const std::string& path, std::span<const std::byte> bytes,
                        std::string& detail) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  int number = fd < 0 ? errno : 0;
  std::size_t done = 0;
  while (number == 0 && done < bytes.size()) {
    const ssize_t put = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (put >= 0) {
      done += static_cast<std::size_t>(put);
    } else if (errno != EINTR) {
      number = errno;
    }
  }
  if (fd >= 0 && ::close(fd) != 0 && number == 0) number = errno;
  if (number == 0) return {};
  detail = path + ": " + std::strerror(number);
  return system_error(number);
}

// What a container of `size` bytes is made of.
enum class PartKind : std::uint8_t { texture_bc1, texture_bc3, mesh, sound, text };

struct Part {
  PartKind kind = PartKind::mesh;
  std::string name;
  std::uint32_t side = 0;
  std::uint64_t size = 0;
};

// Textures take the larger half, as many of one size as fit; meshes whatever is left.
std::vector<Part> divide(const PlanContainer& container) {
  std::vector<Part> parts;
  std::uint64_t left = container.size;
  const bool described = container.kind == PlanKind::room || container.kind == PlanKind::zone;
  if (described && left > (32u << 10)) {
    parts.push_back({.kind = PartKind::text, .name = "things.json", .side = 0, .size = 1500});
    left -= 1500;
  }
  if (container.kind == PlanKind::zone && left > (256u << 10)) {
    parts.push_back({.kind = PartKind::sound, .name = "wind.wav", .side = 0, .size = left / 16});
    left -= left / 16;
  }
  const std::uint64_t mesh_share = container.kind == PlanKind::materials ? 5 : 35;
  std::uint64_t for_textures = left - left * mesh_share / 100;
  int number = 0;
  for (std::uint32_t side = 2048; side >= 256; side /= 2) {
    for (const BlockFormat format : {BlockFormat::bc3, BlockFormat::bc1}) {
      const std::uint64_t size = texture_size(side, side, format);
      const std::uint64_t most = side == 2048 ? 64 : 2;
      for (std::uint64_t i = 0; i < most && size <= for_textures; ++i) {
        const bool bc1 = format == BlockFormat::bc1;
        parts.push_back({.kind = bc1 ? PartKind::texture_bc1 : PartKind::texture_bc3,
                         .name = (bc1 ? "color" : "cover") + std::to_string(++number) + ".dds",
                         .side = side,
                         .size = size});
        for_textures -= size;
        left -= size;
      }
    }
  }
  for (int i = 1; left > 0; ++i) {
    const std::uint64_t size = std::min(left, kMeshSizeMax);
    parts.push_back({.kind = PartKind::mesh,
                     .name = "form" + std::to_string(i) + ".mesh",
                     .side = 0,
                     .size = size});
    left -= size;
  }
  return parts;
}

std::vector<std::byte> make_part(const AssetPool& pool, const Part& part, const std::string& name,
                                 std::uint64_t seed) {
  switch (part.kind) {
    case PartKind::texture_bc1: return pool.texture(part.side, BlockFormat::bc1, seed);
    case PartKind::texture_bc3: return pool.texture(part.side, BlockFormat::bc3, seed);
    case PartKind::mesh: return pool.mesh(part.size, seed);
    case PartKind::sound: return pool.sound(part.size, seed);
    case PartKind::text: return pool.text(part.size, name, seed);
  }
  return {};
}

// Containers are dealt out one by one; which thread makes which changes nothing, since each has a
// seed of its own.
class Maker {
 public:
  Maker(const std::string& folder, const WorldPlan& plan, const GenerateOptions& options)
      : folder_(folder), plan_(plan), options_(options), pool_(AssetPool::make(options.seed)) {}

  Result<void> run(std::string& detail) {
    std::uint32_t threads = options_.threads != 0
                                ? options_.threads
                                : std::max(1u, std::thread::hardware_concurrency());
    threads = std::min(threads, kThreadsMax);
    std::vector<std::thread> others;
    start_threads(others, threads - 1);
    work(true);
    for (std::thread& other : others) other.join();
    detail = detail_;
    if (error_) return error_;
    return {};
  }

 private:
  // Fewer than asked for if the machine has no more to give.
  void start_threads(std::vector<std::thread>& threads, std::uint32_t count) {
    try {
      threads.reserve(count);
      while (threads.size() < count) threads.emplace_back([this] { work(false); });
    } catch (const std::system_error&) {
      return;
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  // Nothing leaves a thread but through `stop`.
  void work(bool owner) {
    try {
      make_containers(owner);
    } catch (const std::bad_alloc&) {
      stop(Error{.code = ErrorCode::out_of_memory}, "out of memory");
    } catch (const std::exception&) {
      stop(Error{.code = ErrorCode::file_write_failed}, "write failed");
    }
  }

  void make_containers(bool owner) {
    for (;;) {
      const std::uint32_t id = next_.fetch_add(1);
      if (id >= plan_.containers.size() || stopped_.load()) return;
      make(id);
      if (!owner || !options_.progress) continue;
      if (!options_.progress({.written = Bytes{written_.load()}, .total = options_.size}))
        stop(Error{.code = ErrorCode::canceled}, "stopped on request");
    }
  }

  void make(std::uint32_t id) {
    const PlanContainer& container = plan_.containers[id];
    if (container.size == 0) return;
    const std::string folder = folder_ + "/" + container.path;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return stop(system_error(error.value()), folder + ": " + error.message());
    Prng prng(options_.seed * 0x9E3779B97F4A7C15ull + id);
    for (const Part& part : divide(container)) {
      const std::vector<std::byte> bytes = make_part(pool_, part, container.name, prng.next());
      std::string detail;
      if (const Result<void> written = write_file(folder + "/" + part.name, bytes, detail);
          !written)
        return stop(written.error(), detail);
      written_ += bytes.size();
      if (stopped_.load()) return;
    }
  }

  void stop(const Error& error, const std::string& detail) {
    const std::lock_guard lock(mutex_);
    if (!error_) {
      error_ = error;
      detail_ = detail;
    }
    stopped_ = true;
  }

  const std::string& folder_;
  const WorldPlan& plan_;
  const GenerateOptions& options_;
  AssetPool pool_;
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;  // guards the two below
  Error error_;
  std::string detail_;
};

Result<void> make_empty_folder(const std::string& folder, std::string& detail) {
  std::error_code error;
  fs::create_directories(folder + "/routes", error);
  if (error) {
    detail = folder + ": " + error.message();
    return system_error(error.value());
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename() == "routes" && fs::is_empty(entry.path(), error)) continue;
    detail = folder + (fs::exists(folder + "/" + kUnfinishedMarker, error)
                           ? ": holds a part of a world whose making was stopped; remove it first"
                           : ": is not empty; give the folder of a new world");
    return Error{.code = ErrorCode::already_exists, .subject_kind = Subject::file};
  }
  return {};
}

Result<void> write_text(const std::string& path, const std::string& text, std::string& detail) {
  return write_file(path, std::as_bytes(std::span(text)), detail);
}

Result<GenerateReport> make_world(const std::string& folder, const GenerateOptions& options,
                                  std::string& detail) {
  if (options.size < kGenerateSizeMin || options.size > kGenerateSizeMax) {
    detail = "a world has 1 MiB to 1 TiB";
    return Error{.code = ErrorCode::invalid_argument};
  }
  if (const Result<void> made = make_empty_folder(folder, detail); !made) return made.error();
  const std::string marker = folder + "/" + kUnfinishedMarker;
  if (const Result<void> marked = write_text(marker, kUnfinishedText, detail); !marked)
    return marked.error();
  const WorldPlan plan = plan_world(options.size.value, options.seed);
  Maker maker(folder, plan, options);
  if (const Result<void> ran = maker.run(detail); !ran) return ran.error();

  const std::vector<RoutePoint> tour = plan_tour(plan);
  const Result<void> route = write_text(folder + "/routes/tour.csv", tour_text(tour), detail);
  if (!route) return route.error();
  GenerateReport report;
  std::vector<std::vector<std::string>> files;
  for (const PlanContainer& container : plan.containers) {
    std::vector<std::string>& mine = files.emplace_back();
    if (container.size == 0) continue;
    for (const Part& part : divide(container)) mine.push_back(container.path + "/" + part.name);
    report.assets += mine.size();
    report.size += Bytes{container.size};
  }
  report.containers = plan.containers.size();
  report.tour_seconds = tour.empty() ? 0 : tour.back().seconds;
  const Result<void> world =
      write_text(folder + "/world.json", world_file_text(plan, files), detail);
  if (!world) return world.error();
  if (::unlink(marker.c_str()) != 0) {
    detail = marker + ": " + std::strerror(errno);
    return system_error(errno);
  }
  return report;
}

}  // namespace

Result<GenerateReport> generate_world(const std::string& folder, const GenerateOptions& options,
                                      std::string& detail) {
  try {
    return make_world(folder, options, detail);
  } catch (const std::bad_alloc&) {
    detail = "out of memory";
    return Error{.code = ErrorCode::out_of_memory};
  }
}

}  // namespace nf
