// Who needs what: the lists once more, for the few containers that somebody asks about.
#include "core/interest/eyes.h"

namespace nf {

std::size_t Eyes::find_needs(const ContainerFilter& asked, Time until, NeedCursor& cursor,
                             std::span<ObserverNeed> found) const {
  std::size_t count = 0;
  for (; cursor.eye < used_; ++cursor.eye, cursor.entry = 0) {
    const Eye& eye = eyes_[cursor.eye];
    const ObserverList& list = eye.list;
    for (; cursor.entry < list.listed; ++cursor.entry) {
      if (!asked.may_hold(list.ids[cursor.entry])) continue;
      if (list.needs[cursor.entry].at > until) continue;
      if (count == found.size()) return count;
      found[count++] = {.container = list.ids[cursor.entry], .observer = eye.observer};
    }
  }
  return count;
}

}  // namespace nf
