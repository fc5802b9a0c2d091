// ActivationCosts: how long the engine will work on what arrives or leaves, learnt from what it
// reports.
//
// Thread: the owner's. Allocates in `create` only: a table of fixed size, whose pages stay
// untouched until something is reported. Pure: the same reports give the same answers.
//
// A container that was reported has an entry, smoothed, until another takes its place (the table is
// direct-mapped). For all others counts what was foretold, times the median of how far such
// foretellings were off, followed in small steps (Robbins and Monro, "A stochastic approximation
// method", 1951), so that no single report moves it far.
#pragma once

#include <array>
#include <cstdint>

#include <nearfield/frame_events.h>
#include <nearfield/result.h>
#include <nearfield/types.h>

#include "core/base/array.h"

namespace nf {

// What is known of a container's cost without measurement.
struct ForetoldCost {
  std::uint32_t microseconds = 0;
  bool by_author =
      false;  // else the default of StreamerOptions: other things, off by other factors
};

class ActivationCosts {
 public:
  static constexpr Duration kMost = {1'000'000'000};

  static Result<ActivationCosts> create();

  void report(ContainerId id, Activation what, Duration measured, ForetoldCost foretold);
  // What had these ids is gone, and others have them now.
  void forget(ContainerRange range);
  Duration expected(ContainerId id, Activation what, ForetoldCost foretold) const;

 private:
  struct Entry {
    std::uint32_t key = 0;  // the id and one, so that what is zero is empty
    std::uint32_t ns = 0;
  };
  struct Kind {
    Array<Entry> entries;
    bool reported = false;
    // By author or by default, in units of 1/kOne.
    std::array<std::uint32_t, 2> ratio = {};
  };

  std::array<Kind, 2> kinds_;  // by Activation
};

}  // namespace nf
