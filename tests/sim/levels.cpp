#include "tests/sim/levels.h"

namespace nf::sim {

void Levels::note_new(Stage& stage) {
  if (version_ == stage.model.version()) return;
  version_ = stage.model.version();
  const std::uint32_t count = stage.model.count();
  shown_.resize(count);
  has_levels_.assign(count, false);
  is_replaced_.assign(count, false);
  for (std::uint32_t id = 0; id < count; ++id) {
    const Refinement refinement = stage.model.refinement({id});
    if (refinement == Refinement::none) continue;
    const std::uint32_t parent = stage.model.parent({id}).value;
    has_levels_[id] = has_levels_[parent] = true;
    if (refinement == Refinement::replace) is_replaced_[parent] = true;
  }
}

void Levels::take(Stage& stage, const FrameEvents& events) {
  note_new(stage);
  for (const ContainerId id : events.leaving) shown_[id.value] = false;
  for (const ContainerId id : events.hidden) {
    stage.check(shown_[id.value], "something was hidden that was not shown");
    shown_[id.value] = false;
  }
  for (const ContainerId id : events.shown) {
    stage.check(!shown_[id.value], "something was shown twice");
    // What was taken away may take some frames to leave.
    const bool may_be = has_levels_[id.value] || !stage.model.exists(id);
    stage.check(may_be, "something without levels was shown");
    shown_[id.value] = true;
  }
  if (events.leaving.empty() && events.arrived.empty() && events.hidden.empty() &&
      events.shown.empty()) {
    return;
  }
  check_rule(stage);
  check_cover(stage);
}

// The finest that is there is shown: what has arrived and whose own level is whole stands, and it
// is shown where no finer level that is whole replaces it.
void Levels::check_rule(Stage& stage) const {
  const std::uint32_t count = stage.model.count();
  std::vector<bool> whole(count, true);  // all that replace it have arrived
  for (std::uint32_t id = 0; id < count; ++id) {
    if (stage.model.refinement({id}) != Refinement::replace || stage.resident[id]) continue;
    whole[stage.model.parent({id}).value] = false;
  }
  std::vector<bool> stands = stage.resident;
  for (std::uint32_t id = 0; id < count; ++id) {
    if (!has_levels_[id]) continue;
    const Refinement refinement = stage.model.refinement({id});
    if (refinement != Refinement::none) {
      const std::uint32_t parent = stage.model.parent({id}).value;
      const bool level_is_whole = refinement == Refinement::add || whole[parent];
      stands[id] = stands[id] && stands[parent] && level_is_whole;
    }
    const bool shows = stands[id] && !(is_replaced_[id] && whole[id]);
    stage.check(!shows || shown_[id], "a level that is there is not shown");
    stage.check(shows || !shown_[id], "a level is shown that is replaced or waits for others");
  }
}

// From each level down that nothing finer replaces, exactly one of those it replaces or itself.
void Levels::check_cover(Stage& stage) const {
  for (std::uint32_t id = 0; id < stage.model.count(); ++id) {
    if (!has_levels_[id] || is_replaced_[id]) continue;
    int shown = 0;
    std::uint32_t at = id;
    for (;; at = stage.model.parent({at}).value) {
      shown += shown_[at] ? 1 : 0;
      if (stage.model.refinement({at}) != Refinement::replace) break;
    }
    stage.check(shown <= 1, "two levels of one place are shown");
    const bool beside = stage.model.refinement({at}) == Refinement::add;
    if (!beside) stage.check(shown == 1 || !stage.resident[at], "there is a hole between levels");
  }
}

}  // namespace nf::sim
