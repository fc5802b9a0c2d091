// What nobody can do better than, whatever he knows: late seconds that a scenario and a disk force
// on every policy.
//
// Pure; any thread.
//
// By any moment the disk has read no more than its rate times the time that passed since the
// beginning, and what is required then and was not there at first has been read whole by
// `pipeline_seconds` before. What is lacking of those bytes is lacking of containers that are late
// right then: at least as many as the largest of them are needed to make it up. This leaves out
// that memory is short and that the bytes of what is no longer required took their time, too; so it
// says something about the first seconds and about bursts in them, and may be far below what can be
// done later on.
#pragma once

#include "tools/predict/stream_sim.h"

namespace nf::predict {

double late_seconds_at_least(const Scenario& scenario, const DiskModel& disk);

}  // namespace nf::predict
