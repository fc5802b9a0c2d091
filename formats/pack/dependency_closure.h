// dependency_closure: what a container needs, and what that needs in turn.
//
// Pure functions, any thread. A part of `order_world`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nearfield/result.h>

#include "formats/pack/source_world.h"

namespace nf {

// The indices of all shared containers, each behind what it depends on; refuses a circle and says
// which containers it is made of.
Result<std::vector<std::uint32_t>> sort_shared(const SourceWorld& source, std::string& detail);

// By archive number: the complete, ascending list of archive numbers that each container needs.
Result<std::vector<std::vector<std::uint32_t>>> close_dependencies(
    const SourceWorld& source, const std::vector<std::uint32_t>& shared_sorted,
    const std::vector<std::uint32_t>& number_of, std::string& detail);

}  // namespace nf
