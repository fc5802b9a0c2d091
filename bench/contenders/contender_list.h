// ContenderList: everybody who takes part on this machine, and who does not, with the reason.
//
// The suite's one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/contenders/contender.h"

namespace nf::bench {

inline constexpr std::uint32_t kAskedAhead = 6;

struct ContenderList {
  std::vector<std::unique_ptr<Contender>> contenders;
  std::vector<std::string> notes;  // a line for each that is missing
};

// Those that were compiled in and can run in `folder`; ours first. `decode_workers` are ours; 0: as
// a Streamer comes.
ContenderList list_contenders(const std::filesystem::path& folder, std::uint32_t decode_workers);

}  // namespace nf::bench
