// Report: the samples of all contenders as figures and headlines.
//
// Pure: a row for each peer and measure, ours beside it in the same rounds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/contenders/sample.h"
#include "bench/suite/suite.h"

namespace nf::bench {

inline constexpr std::array<std::uint32_t, 2> kRequesterCounts = {1, 4};

// How many of them give a sample. Who asks ahead has as many containers in flight whoever asks, so
// there is one sample and no count.
inline std::size_t load_counts_of(const ContenderFacts& facts) {
  return facts.asked_ahead > 0 ? 1 : kRequesterCounts.size();
}

// One contender's samples, by round; none where the round was refused or failed.
struct Series {
  ContenderFacts facts;
  std::array<std::vector<std::optional<LoadSample>>, kRequesterCounts.size()> loads;
  std::vector<std::optional<SliceSample>> slices;
};

// Which of ours stands for us: one container in flight for each requester, as the packer comes.
inline constexpr const char* kOurName = "nearfield LZ4";

std::vector<Figure> figures_of(const std::vector<Series>& all);

// By short name: the value, and the sentence that says what it is.
struct Headlines {
  std::map<std::string, double> values;
  std::map<std::string, std::string> notes;

  void add(const std::string& name, double value, const std::string& note) {
    values[name] = value;
    notes[name] = note;
  }
};
Headlines headlines_of(const std::vector<Series>& all);

// The compressed peer with the highest median of decoded MB/s; null if there is none.
const Series* best_compressed_peer(const std::vector<Series>& all, std::size_t requesters_index);

}  // namespace nf::bench
