// Which level of a container that has several is to be displayed.
//
// A container *stands* if it has arrived and is not a level that waits for its siblings; one that
// stands is shown unless finer levels replace it, which they do once all of them have arrived. What
// has not arrived has no finer level that has: each of those needs what it refines.
#include <algorithm>

#include "core/base/assert.h"
#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {

// It came or went.
void StreamerImpl::note_level(ContainerId id) {
  const bool has_levels =
      world_.refinement(id) != Refinement::none || !world_.finer_levels(id).empty();
  if (!has_levels) return;
  NF_ASSERT(level_changes_.size() < level_changes_.capacity());
  level_changes_.push_back(id);
}

void StreamerImpl::show_levels() {
  if (level_changes_.empty()) return;
  // What is shown depends on the levels above, up to the coarsest.
  for (ContainerId& id : level_changes_) {
    while (world_.refinement(id) != Refinement::none) id = world_.parent(id);
  }
  std::sort(level_changes_.begin(), level_changes_.end());
  const auto end = std::unique(level_changes_.begin(), level_changes_.end());
  for (auto coarsest = level_changes_.begin(); coarsest != end; ++coarsest) {
    show_level(*coarsest, true);
  }
  level_changes_.clear();
}

// As deep as the tree, which has at most kTreeDepthMax levels.
void StreamerImpl::show_level(ContainerId id, bool may_stand) {
  const ActiveContainer* container = find_active(id);
  const bool arrived = container != nullptr && container->announced;
  const bool stands = may_stand && arrived;
  const ContainerList finer = world_.finer_levels(id);
  bool replaced = false;
  if (stands) {
    bool all_there = true;
    for (const ContainerId level : finer) {
      if (world_.refinement(level) != Refinement::replace) continue;
      const ActiveContainer* other = find_active(level);
      replaced = true;
      all_there = all_there && other != nullptr && other->announced;
    }
    if constexpr (planted_bug != kLevelShownAlone) replaced = replaced && all_there;
  }
  set_shown(id, stands && !replaced);
  if (!arrived) return;
  for (const ContainerId level : finer) {
    const bool beside = world_.refinement(level) == Refinement::add;
    show_level(level, stands && (beside || replaced));
  }
}

void StreamerImpl::set_shown(ContainerId id, bool shown) {
  const ActiveSlot slot = active_.find(id);
  if (!slot.valid() || active_[slot].shown == shown) return;
  active_[slot].shown = shown;
  std::vector<ContainerId>& to = shown ? shown_ : hidden_;
  std::vector<ContainerId>& from = shown ? hidden_ : shown_;
  if (gathering_) {  // what changed back while wait() ran is no event
    const auto changed = std::find(from.begin(), from.end(), id);
    if (changed != from.end()) {
      from.erase(changed);
      return;
    }
  }
  to.push_back(id);
}

}  // namespace nf
