// DiskThrottle: a slower disk than the machine has. While it lives, this process with all of its
// threads is in a control group of its own, which may read only so many bytes a second from the
// disk that a folder is on. The kernel counts a direct read where it is submitted, so that of a
// ring counts as one by its thread.
//
// One owner, main thread. Throws ThrottleRefused where the machine refuses: it takes
// root, the kernel's controller of block devices and a file system on a disk of its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nearfield/types.h>

#include "bench/suite/suite.h"

namespace nf::bench {

// One sentence: why the disk is as fast as it was.
class ThrottleRefused : public BenchError {
 public:
  using BenchError::BenchError;
};

// A file of a control group, and what is written to it.
struct GroupCommand {
  std::filesystem::path file;
  std::string text;
};

// How this process leaves its group: to the one it came from, else to the top one; else it stays,
// and the limit is lifted. An error is errno, 0 if it was obeyed or not needed.
struct LeaveWork {
  std::filesystem::path home, top;
  GroupCommand lift;
  bool moved = false;  // else there is nothing to leave
};
struct LeaveResult {
  int home_error = 0;
  int top_error = 0;
  int lift_error = 0;
};
LeaveResult leave_group(const LeaveWork& work) noexcept;
// Where `home_error` is not 0.
std::string sentence_of(const LeaveResult& left, const std::filesystem::path& home,
                        const std::filesystem::path& top, const std::filesystem::path& group);

// Whether a group right below `top` has a limit for a disk of its own.
bool has_limited_group(const std::filesystem::path& top) noexcept;

class DiskThrottle {
 public:
  // `notes`, which outlives this, is told if the process could not be put back.
  DiskThrottle(const std::filesystem::path& folder, Bytes per_second,
               std::vector<std::string>* notes = nullptr);
  // Puts the process back where it was, removes the group, and switches the controller off again if
  // it was and nobody else has come to need it.
  ~DiskThrottle();
  DiskThrottle(const DiskThrottle&) = delete;
  DiskThrottle& operator=(const DiskThrottle&) = delete;

  const std::filesystem::path& group() const { return group_; }

 private:
  void limit(const std::string& disk, Bytes per_second);
  void leave() noexcept;
  void note(const LeaveResult& left) noexcept;
  void switch_off() noexcept;

  std::vector<std::string>* notes_;
  bool unified_ = false;
  bool switched_on_ = false;  // the controller, for the groups below the top one
  bool moved_ = false;        // the process, into its own group
  std::filesystem::path top_;
  std::filesystem::path home_;   // the group this process came from
  std::filesystem::path group_;  // its own
  GroupCommand lift_;            // ends its limit
};

// Throws ThrottleRefused if `measured` is not within a tenth of `asked`: then something else is the
// limit, or nothing is.
void require_throttled(Bytes asked_per_second, double measured_per_second);

// The number of the whole disk that a folder is on, "8:0" for a folder on 8:1. Throws
// ThrottleRefused.
std::string whole_disk_number(const std::filesystem::path& folder);

// Where the controller of block devices is mounted, and which of its groups a process is in.
struct CgroupPlace {
  bool unified = false;        // version 2: io.max; version 1: blkio.throttle.read_bps_device
  std::filesystem::path top;   // the mounted folder
  std::filesystem::path home;  // the process's own, the same or below
};

// From the texts of /proc/self/mountinfo and /proc/self/cgroup. Version 1 if both are there: a
// controller serves only one. None if there is neither, or the process's group cannot be seen.
std::optional<CgroupPlace> find_disk_cgroup(const std::string& mounts, const std::string& groups);

// Whether a throttle would have to switch the controller on for all groups below the top one.
bool must_switch_on(const CgroupPlace& place);

}  // namespace nf::bench
