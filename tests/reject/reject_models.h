// One broken model for each way to refuse one, made as those of reject_cases.h are: from a good one
// by changing what the name says, with the checksums repaired. Deterministic; plain values.
#pragma once

#include <vector>

#include "tests/reject/reject_cases.h"

namespace nf::sample {

std::vector<RejectCase> make_reject_models();

}  // namespace nf::sample
