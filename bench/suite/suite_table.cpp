#include "bench/suite/suite_table.h"

#include <array>
#include <vector>

#ifdef NF_BENCH_HAS_LOAD_MAIN
#include "bench/load/load_main.h"
#endif
#ifdef NF_BENCH_HAS_SCALE
#include "bench/scale/scale_main.h"
#endif

namespace nf::bench {
namespace {

constexpr auto kSuites = std::to_array<Suite>({
    {"disk", "How fast is this disk, and how much of a plain io_uring loop's rate do we keep?",
     run_disk},
#ifdef NF_BENCH_HAS_CODEC
    {"codec",
     "How fast are chunks checked and decoded, and what do we add to the codec's own cost?",
     run_codec},
#endif
#ifdef NF_BENCH_HAS_LOAD
    {"load", "How near do whole loads of cold containers come to the limit of disk and codec?",
     run_load},
#endif
#ifdef NF_BENCH_HAS_FLIGHT
    {"flight", "Is everything there in time, at several speeds and in several sizes of memory?",
     run_flight},
#endif
#ifdef NF_BENCH_HAS_REPLAY
    {"replay",
     "Is everything there in time for those who really played, on disks of several kinds?",
     run_replay},
#endif
#ifdef NF_BENCH_HAS_CONTENDERS
    {"contenders",
     "What do other ways to keep the same bytes on disk reach under the same loads? Its "
     "best_peer_ratio is ours / the best compressed peer, the worse of two requester counts.",
     run_contenders},
#endif
#ifdef NF_BENCH_HAS_UPDATE
    {"update", "What does a frame cost, and does it allocate?", run_update},
#endif
#ifdef NF_BENCH_HAS_SCALE
    {"scale", "How does the cost grow with containers, observers and assets?", run_scale},
#endif
});

struct OwnParser {
  std::string_view suite;
  std::array<std::string_view, 5> options;  // that no other suite has
  int (*main)(int count, char** words);
};

const std::vector<OwnParser>& own_parsers() {
  static const std::vector<OwnParser> parsers = {
#ifdef NF_BENCH_HAS_LOAD_MAIN
      {"load", {"--line", "--order", "--threads", "--ahead", "--backend"}, load_main},
#endif
#ifdef NF_BENCH_HAS_SCALE
      {"scale", {"--line", "--cache"}, scale_main},
#endif
  };
  return parsers;
}

bool is_option_of(const OwnParser& parser, std::string_view word) {
  for (const std::string_view own : parser.options) {
    if (own.empty()) continue;
    if (word == own || (word.starts_with(own) && word[own.size()] == '=')) return true;
  }
  return false;
}

}  // namespace

std::span<const Suite> suites() {
  return kSuites;
}

const Suite* find_suite(std::string_view name) {
  for (const Suite& suite : kSuites) {
    if (name == suite.name) return &suite;
  }
  return nullptr;
}

bool run_by_own_parser(int count, char** words, int& exit_code) {
  for (const OwnParser& parser : own_parsers()) {
    if (count < 2 || words[1] != parser.suite) continue;
    for (int i = 2; i < count; ++i) {
      if (!is_option_of(parser, words[i])) continue;
      exit_code = parser.main(count, words);
      return true;
    }
  }
  return false;
}

}  // namespace nf::bench
