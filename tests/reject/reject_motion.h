// The reject cases of what moves, templates, finer levels and gates.
// Adds to the list it is given and keeps nothing of it.
#pragma once

#include "tests/reject/case_list.h"

namespace nf::sample {

void add_motion_cases(CaseList& list);

}  // namespace nf::sample
