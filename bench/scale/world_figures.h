// The figures of opening and mounting a generated star system, or the world that was given: time
// and memory, each sample in a process of its own.
//
// The caller's thread. Throws BenchError.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bench/suite/suite.h"

namespace nf::bench {

struct WorldFigureOptions {
  std::uint32_t containers = 100'000;  // of the system that is made where no world was given
  std::uint32_t assets = 1'000'000;
  std::uint32_t containers_alone = 1'000'000;  // of the one without assets
  std::function<void(const std::string& what)> say;
};

inline constexpr std::size_t kWorldSteps = 2;  // how often `say` is called

void add_world_figures(const BenchOptions& options, const WorldFigureOptions& worlds,
                       SuiteResult& result);

}  // namespace nf::bench
