// LineServer: a policy driven by lines of text, so that an outside harness can ask it in simulated
// time. Line by line as `nearfield predict --stdio` takes them:
//
//   TRACE map=<id> dt=<s> B=<bytes/s> L=<s> M=<bytes> vstar=<m/s> flat=0|1 levels=<n>
//   LEVEL <l> R=<need radius>
//   C <id> <level> <x0> <y0> <z0> <x1> <y1> <z1> <bytes>
//   S <id> <state>          0 absent, 1 partly read, 2 read and in the pipeline, 3 usable
//   U <t> <x> <y> <z>       answered with lines `W <id> <score>` and `K <id> <score>`, then `.`
//   QUIT
//
// One owner. Trusts nobody: every number is checked, and memory grows with containers alone, up to
// a limit. Keys of TRACE that it does not know mean nothing to it; a container may be announced
// again as it was.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/predict/policy.h"

namespace nf::predict {

inline constexpr std::size_t kProtocolLineMax = 4096;  // bytes
inline constexpr std::size_t kProtocolContainersMax = 1'000'000;
inline constexpr std::uint32_t kProtocolLevelsMax = 64;

class LineServer {
 public:
  explicit LineServer(std::unique_ptr<Policy> policy) : policy_(std::move(policy)) {}

  enum class Next { go_on, answer, quit, refuse };
  // A line without its end. `answer`: what has to be said is in `said`; `refuse`: why is, as a
  // sentence that names the line. After that it takes no more.
  Next take(std::string_view line, std::string& said);

 private:
  struct Known {
    std::uint32_t id = 0;  // the policy's
    ContainerInfo info;
  };
  using Words = std::vector<std::string_view>;

  // Each returns why not; empty if all is well.
  std::string take_trace(const Words& words);
  std::string take_level(const Words& words);
  std::string take_container(const Words& words);
  std::string take_state(const Words& words);
  std::string take_update(const Words& words, std::string& said);
  void say(char verb, std::vector<Scored>& list, std::string& said) const;

  std::unique_ptr<Policy> policy_;
  std::uint64_t line_ = 0;
  bool traced_ = false;
  TraceInfo trace_;
  std::vector<double> reach_;  // by level; negative: not told
  std::unordered_map<std::uint64_t, Known> known_;
  std::vector<std::uint64_t> names_;  // by the policy's id
  Answer answer_;
};

}  // namespace nf::predict
