#include "tools/nearfield/late_cause.h"

#include <array>

namespace nf {
namespace {

// In the order of LateCause.
constexpr std::array<CauseWords, kLateCauses> kWords = {{
    {.name = "unknown",
     .label = "cause unknown",
     .what = "needed too shortly to tell, or dropped at a limit of the runtime",
     .remedy = "as for the other causes; a larger wanted_per_observer_max in the engine"},
    {.name = "foretold_too_late",
     .label = "foretold too late",
     .what = "nothing foretold the need early enough to load it",
     .remedy = "a longer --lookahead, smaller containers; before a jump, Streamer::intend"},
    {.name = "disk",
     .label = "the disk",
     .what = "the disk was too slow, or busy with the rest",
     .remedy = "a longer --lookahead, a stronger codec, smaller containers, a faster disk"},
    {.name = "decode",
     .label = "decoding",
     .what = "decoding had too much to do",
     .remedy = "more --workers, or a faster codec (pack --codec lz4)"},
    {.name = "memory",
     .label = "want of memory",
     .what = "no memory was free for it",
     .remedy = "a larger --memory, smaller containers, shorter load distances"},
    {.name = "budget",
     .label = "the frame's budget",
     .what = "it was loaded and waited for its turn in a frame",
     .remedy = "a larger arrival_cost_max in the engine, less activation_cost at one place"},
    {.name = "dependency",
     .label = "its dependencies",
     .what = "it waited for what it depends on",
     .remedy = "less in what is shared, or shared by fewer"},
    {.name = "failed",
     .label = "failed to load",
     .what = "loading it failed",
     .remedy = "the error says why; `nearfield verify` names what is damaged"},
}};

}  // namespace

const CauseWords& words_of(LateCause cause) {
  return kWords[static_cast<std::size_t>(cause)];
}

}  // namespace nf
