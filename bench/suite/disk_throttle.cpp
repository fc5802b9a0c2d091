#include "bench/suite/disk_throttle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <new>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>

#include "bench/suite/block_counters.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGroupName = "nearfield_bench_";  // and the number of the process
constexpr const char* kMembers = "cgroup.procs";
constexpr const char* kSwitches = "cgroup.subtree_control";
constexpr double kOffMax = 0.1;
constexpr int kRemoveTries = 200;
constexpr std::chrono::milliseconds kRemovePause{5};

[[noreturn]] void refuse(const std::string& what) {
  throw ThrottleRefused("the disk cannot be throttled: " + what);
}

std::string text_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One write, because the kernel takes each as a whole command. Returns errno, 0 if it obeyed.
int write_command(const fs::path& path, const std::string& text) noexcept {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const ssize_t written = ::write(file, text.data(), text.size());
  const int error = written == static_cast<ssize_t>(text.size()) ? 0 : errno;
  ::close(file);
  return error;
}

void command(const fs::path& path, const std::string& text) {
  const int error = write_command(path, text);
  if (error == 0) return;
  refuse("'" + text + "' is refused by " + path.string() + " (" + std::strerror(error) +
         (error == EACCES || error == EPERM ? "; it takes root)" : ")"));
}

// A group that is empty is removed. Members that have just gone may still be counted for a moment,
// even after they were waited for.
void remove_group(const fs::path& group) noexcept {
  for (int i = 0; i < kRemoveTries; ++i) {
    if (::rmdir(group.c_str()) == 0 || errno != EBUSY) return;
    std::this_thread::sleep_for(kRemovePause);
  }
}

// What a process left behind that was killed.
void remove_abandoned(const fs::path& top) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(top, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kGroupName)) continue;
    const long owner = std::strtol(name.c_str() + kGroupName.size(), nullptr, 10);
    const auto process = static_cast<pid_t>(owner);
    const bool is_gone = owner > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
    if (is_gone || process == ::getpid()) remove_group(entry.path());
  }
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find_first_of(", \n", at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

struct Mount {
  std::string root, folder;  // what of the hierarchy is seen, and where
};

// The last mount that hides the ones before it. `option` is a controller; empty: any.
std::optional<Mount> find_mount(const std::string& mounts, std::string_view type,
                                std::string_view option) {
  std::optional<Mount> found;
  std::istringstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t middle = line.find(" - ");
    if (middle == std::string::npos) continue;
    std::istringstream left(line.substr(0, middle)), right(line.substr(middle + 3));
    std::string number, parent, device, its_type, source, options;
    Mount mount;
    if (!(left >> number >> parent >> device >> mount.root >> mount.folder)) continue;
    if (!(right >> its_type >> source >> options) || its_type != type) continue;
    if (option.empty() || has_word(options, option)) found = mount;
  }
  return found;
}

// "7:blkio:/a/b" for a controller of version 1, "0::/a/b" for version 2.
std::optional<std::string> find_group(const std::string& groups, std::string_view controller) {
  std::istringstream lines(groups);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view names = std::string_view(line).substr(first + 1, second - first - 1);
    if (has_word(names, controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The folder of a group, below what of the hierarchy is mounted.
std::optional<fs::path> folder_of(const Mount& mount, const std::string& group) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  const bool below = group == root || group.starts_with(root + "/");
  if (!below || group.find("/..") != std::string::npos) return std::nullopt;
  return (fs::path(mount.folder) / fs::path(group.substr(root.size())).relative_path())
      .lexically_normal();
}

}  // namespace

std::optional<CgroupPlace> find_disk_cgroup(const std::string& mounts, const std::string& groups) {
  for (const bool unified : {false, true}) {
    const std::string_view controller = unified ? "" : "blkio";
    const auto mount = find_mount(mounts, unified ? "cgroup2" : "cgroup", controller);
    const auto group = find_group(groups, controller);
    if (!mount || !group) continue;
    const auto home = folder_of(*mount, *group);
    if (home) return CgroupPlace{.unified = unified, .top = mount->folder, .home = *home};
  }
  return std::nullopt;
}

std::string whole_disk_number(const fs::path& folder) {
  const fs::path disk = fs::path("/sys/dev/block") / block_number(folder.c_str());
  if (block_number(folder.c_str()).empty() || !fs::exists(disk / "dev")) {
    refuse("the file system of " + folder.string() + " is on no block device of its own");
  }
  // The folder of a partition lies in that of its disk.
  const fs::path whole = fs::exists(disk / "partition") ? fs::canonical(disk).parent_path() : disk;
  std::string number = text_in(whole / "dev");
  number.erase(number.find_last_not_of('\n') + 1);
  return number;
}

bool must_switch_on(const CgroupPlace& place) {
  return place.unified && !has_word(text_in(place.top / kSwitches), "io");
}

bool has_limited_group(const fs::path& top) noexcept {
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(top)) {
      if (!entry.is_directory()) continue;
      for (const char* limits : {"io.max", "io.latency"}) {
        if (!text_in(entry.path() / limits).empty()) return true;
      }
    }
  } catch (const std::exception&) {
    return true;  // what cannot be seen may be there
  }
  return false;
}

LeaveResult leave_group(const LeaveWork& work) noexcept {
  LeaveResult left;
  if (!work.moved) return left;
  const std::string process = std::to_string(::getpid());
  left.home_error = write_command(work.home / kMembers, process);
  if (left.home_error == 0) return left;
  left.top_error = write_command(work.top / kMembers, process);
  if (left.top_error == 0) return left;
  left.lift_error = write_command(work.lift.file, work.lift.text);
  return left;
}

std::string sentence_of(const LeaveResult& left, const fs::path& home, const fs::path& top,
                        const fs::path& group) {
  const std::string begin = "this process could not go back to its control group " + home.string() +
                            " (" + std::strerror(left.home_error) + ")";
  if (left.top_error == 0) {
    return begin + " and is in " + top.string() + " from here on, without the limits of its own";
  }
  const std::string stays = begin + ", nor to " + top.string() + " (" +
                            std::strerror(left.top_error) + "): it stays in " + group.string();
  if (left.lift_error == 0) return stays + ", whose limit is lifted";
  return stays + ", whose limit could not be lifted (" + std::strerror(left.lift_error) +
         "): what is measured from here on is on the slower disk";
}

DiskThrottle::DiskThrottle(const fs::path& folder, Bytes per_second,
                           std::vector<std::string>* notes)
    : notes_(notes) {
  const std::string disk = whole_disk_number(folder);
  const auto place =
      find_disk_cgroup(text_in("/proc/self/mountinfo"), text_in("/proc/self/cgroup"));
  if (!place) refuse("no cgroup controller of block devices is mounted that this process can see");
  unified_ = place->unified;
  top_ = place->top;
  home_ = place->home;
  if (unified_) {
    if (!has_word(text_in(top_ / "cgroup.controllers"), "io")) {
      refuse("the cgroups at " + top_.string() + " have no controller 'io'");
    }
    switched_on_ = must_switch_on(*place);
    if (switched_on_) command(top_ / kSwitches, "+io");
  }
  remove_abandoned(top_);
  group_ = top_ / (std::string(kGroupName) + std::to_string(::getpid()));
  if (::mkdir(group_.c_str(), 0755) != 0) {
    const int error = errno;
    switch_off();
    refuse(group_.string() + " cannot be made (" + std::strerror(error) +
           (error == EACCES || error == EPERM ? "; it takes root)" : ")"));
  }
  try {
    limit(disk, per_second);
    command(group_ / kMembers, std::to_string(::getpid()));
    moved_ = true;
  } catch (...) {
    leave();
    throw;
  }
}

void DiskThrottle::limit(const std::string& disk, Bytes per_second) {
  const std::string number = std::to_string(per_second.value);
  if (unified_) {
    lift_ = {.file = group_ / "io.max", .text = disk + " rbps=max"};
    command(lift_.file, disk + " rbps=" + number);
  } else {
    lift_ = {.file = group_ / "blkio.throttle.read_bps_device", .text = disk + " 0"};
    command(lift_.file, disk + " " + number);
  }
}

void DiskThrottle::leave() noexcept {
  const LeaveResult left =
      leave_group({.home = home_, .top = top_, .lift = lift_, .moved = moved_});
  note(left);
  remove_group(group_);
  switch_off();
}

// Limits that the process came with may no longer hold for it: what is measured from here on may
// differ.
void DiskThrottle::note(const LeaveResult& left) noexcept {
  if (left.home_error == 0 || notes_ == nullptr) return;
  try {
    notes_->push_back(sentence_of(left, home_, top_, group_));
  } catch (const std::bad_alloc&) {  // then the report is not written either
  }
}

// The kernel refuses it with EBUSY where a group below has switched the controller on for its own
// groups. The limits of those that have not would go with the controller: then it stays.
void DiskThrottle::switch_off() noexcept {
  if (switched_on_ && !has_limited_group(top_)) (void)write_command(top_ / kSwitches, "-io");
  switched_on_ = false;
}

DiskThrottle::~DiskThrottle() {
  leave();
}

void require_throttled(Bytes asked_per_second, double measured_per_second) {
  const double asked = static_cast<double>(asked_per_second.value);
  if (std::abs(measured_per_second / asked - 1) <= kOffMax) return;
  throw ThrottleRefused(
      text_of("the disk was to be throttled to %.0f MB/s, but plain reads run at %.0f MB/s",
              asked / 1e6, measured_per_second / 1e6));
}

}  // namespace nf::bench
