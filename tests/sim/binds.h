// Binds: which observer was told to be near which container, against plain geometry; and that what
// was told adds up, to the end: nobody is bound to anything once all have gone.
//
// An actor; see stage.h.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "tests/sim/stage.h"
#include "tests/sim/walkers.h"

namespace nf::sim {

struct Binds {
  void take(Stage& stage, const FrameEvents& events, const Walkers& walkers);
  // After an update, for all walkers and all containers.
  void check(Stage& stage, const Walkers& walkers);
  bool empty() const { return told_.empty(); }
  std::size_t count() const;  // pairs of an observer and a container

 private:
  using Told = std::set<std::uint32_t>;

  void check_told(Stage& stage, const Walker& walker, const Told& bound) const;

  std::map<std::uint64_t, Told> told_;  // by observer; no empty ones
  View view_;
  bool told_all_ = true;  // the last frame had room for all changes
};

}  // namespace nf::sim
