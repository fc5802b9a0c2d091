// CaseList: good archives and the changes that break them, collected as reject cases.
//
// One owner. Builds its archives in the folder it is given and leaves that as it was.
#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "tests/golden/temporary_folder.h"
#include "tests/reject/reject_cases.h"
#include "tests/reject/reject_edits.h"

namespace nf::sample {

inline ByteVector build(const World& world, const std::string& folder) {
  const std::string path = folder + "/reject_base.nfa";
  const Result<void> written = write(world, path);
  NF_ASSERT(written);
  ByteVector bytes = read_file(path);
  std::remove(path.c_str());
  return bytes;
}

class CaseList {
 public:
  explicit CaseList(std::string folder) : folder_(std::move(folder)) {
    small_ = build(smallest_world(), folder_);
    golden_ = build(golden_world(), folder_);
    World world = golden_world_in_motion();
    world.containers.push_back({.name = "set", .shared = true});
    motion_ = build(world, folder_);
  }

  // `small` has one container with one chunk, `golden` the golden world, `motion` the one in motion
  // with a shared container.
  void small(const std::string& name, const Edit& edit) { add(name, small_, edit, true); }
  void golden(const std::string& name, const Edit& edit) { add(name, golden_, edit, true); }
  void motion(const std::string& name, const Edit& edit) { add(name, motion_, edit, true); }
  void motion_unrepaired(const std::string& name, const Edit& edit) {
    add(name, motion_, edit, false);
  }
  void small_unrepaired(const std::string& name, const Edit& edit) {
    add(name, small_, edit, false);
  }
  void golden_unrepaired(const std::string& name, const Edit& edit) {
    add(name, golden_, edit, false);
  }
  void from(const std::string& name, const World& world, const Edit& edit) {
    add(name, build(world, folder_), edit, true);
  }
  std::uint32_t golden_first(std::uint32_t id, std::size_t count_field) const {
    return first_of(golden_, id, count_field);
  }
  std::vector<RejectCase> take() { return std::move(cases_); }

 private:
  void add(const std::string& name, ByteVector bytes, const Edit& edit, bool repair) {
    edit(bytes);
    if (repair) repair_checksums(bytes);
    cases_.push_back({.name = name, .bytes = std::move(bytes)});
  }

  std::string folder_;
  ByteVector small_;
  ByteVector golden_;
  ByteVector motion_;
  std::vector<RejectCase> cases_;
};

}  // namespace nf::sample
