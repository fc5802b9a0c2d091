#include "bench/contenders/report.h"

#include <algorithm>

#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

struct LoadMeasure {
  const char* name;
  const char* unit;
  Better better;
  double LoadSample::*value;
};
constexpr std::array kLoadMeasures = {
    LoadMeasure{"decoded", "MB/s", Better::higher, &LoadSample::decoded_mbps},
    LoadMeasure{"p50 of a container", "us", Better::lower, &LoadSample::p50_us},
    LoadMeasure{"p99 of a container", "us", Better::lower, &LoadSample::p99_us},
    LoadMeasure{"CPU of the process", "s/GB", Better::lower, &LoadSample::process_cpu_per_gb},
    LoadMeasure{"CPU of the machine", "s/GB", Better::lower, &LoadSample::machine_cpu_per_gb},
    LoadMeasure{"device bytes", "B/B", Better::lower, &LoadSample::device_bytes_per_byte},
};

struct SliceMeasure {
  const char* name;
  const char* unit;
  double SliceSample::*value;
};
constexpr std::array kSliceMeasures = {
    SliceMeasure{"p50 of a 64 KiB slice", "us", &SliceSample::p50_us},
    SliceMeasure{"p99 of a 64 KiB slice", "us", &SliceSample::p99_us},
    SliceMeasure{"device bytes of a 64 KiB slice", "B/B", &SliceSample::device_bytes_per_byte},
};

// Only the rounds that both have.
template <class Sample>
void pair_up(const std::vector<std::optional<Sample>>& ours,
             const std::vector<std::optional<Sample>>& reference, double Sample::*value,
             Figure& figure) {
  for (std::size_t i = 0; i < std::min(ours.size(), reference.size()); ++i) {
    if (!ours[i] || !reference[i]) continue;
    figure.ours.push_back(*ours[i].*value);
    figure.reference.push_back(*reference[i].*value);
  }
}

void add_if_measured(std::vector<Figure>& figures, Figure figure) {
  if (!figure.ours.empty()) figures.push_back(std::move(figure));
}

// Nothing for who asks ahead: as many are in flight whoever asks.
std::string requesters_text(const ContenderFacts& facts, std::size_t t) {
  if (facts.asked_ahead > 0) return {};
  return text_of(", %u requester%s", kRequesterCounts[t], kRequesterCounts[t] == 1 ? "" : "s");
}

void add_loads(std::vector<Figure>& figures, const Series& ours, const Series& reference) {
  for (std::size_t t = 0; t < load_counts_of(ours.facts); ++t) {
    for (const LoadMeasure& measure : kLoadMeasures) {
      Figure figure{.name = ours.facts.name + ": " + measure.name + requesters_text(ours.facts, t),
                    .unit = measure.unit,
                    .better = measure.better,
                    .ours = {},
                    .reference_name = reference.facts.name,
                    .reference = {}};
      pair_up(ours.loads[t], reference.loads[t], measure.value, figure);
      add_if_measured(figures, std::move(figure));
    }
  }
}

void add_slices(std::vector<Figure>& figures, const Series& ours, const Series& reference) {
  for (const SliceMeasure& measure : kSliceMeasures) {
    Figure figure{.name = ours.facts.name + ": " + measure.name,
                  .unit = measure.unit,
                  .better = Better::lower,
                  .ours = {},
                  .reference_name = reference.facts.name,
                  .reference = {}};
    pair_up(ours.slices, reference.slices, measure.value, figure);
    add_if_measured(figures, std::move(figure));
  }
}

const Series* find(const std::vector<Series>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Series& one) { return one.facts.name == name; });
  return found == all.end() ? nullptr : &*found;
}

template <class Sample>
double median_of(const std::vector<std::optional<Sample>>& samples, double Sample::*value) {
  std::vector<double> values;
  for (const std::optional<Sample>& sample : samples) {
    if (sample) values.push_back(*sample.*value);
  }
  return spread_of(std::move(values)).median;
}

double paired_ratio(const Series& ours, const Series& reference, std::size_t t,
                    double LoadSample::*value) {
  Figure figure;
  pair_up(ours.loads[t], reference.loads[t], value, figure);
  return spread_of(ratios_of(figure)).median;
}

// "1 requester".
std::string with_requesters(std::size_t t) {
  return text_of("%u requester%s", kRequesterCounts[t], kRequesterCounts[t] == 1 ? "" : "s");
}

void add_ratio_headlines(Headlines& headlines, const Series& ours, const Series& reference,
                         const std::string& name) {
  for (std::size_t t = 0; t < load_counts_of(ours.facts); ++t) {
    if (median_of(reference.loads[t], &LoadSample::decoded_mbps) <= 0) continue;
    if (median_of(ours.loads[t], &LoadSample::decoded_mbps) <= 0) continue;
    const bool counted = ours.facts.asked_ahead == 0;
    headlines.add(name + (counted ? text_of("_%u", kRequesterCounts[t]) : ""),
                  paired_ratio(ours, reference, t, &LoadSample::decoded_mbps),
                  "decoded MB/s of whole cold containers: " + ours.facts.name + " / " +
                      reference.facts.name + requesters_text(ours.facts, t) +
                      "; higher is better");
  }
}

struct PeerMeasure {
  const char* name;
  const char* words;
  double LoadSample::*value;
};
constexpr std::array kPeerMeasures = {
    PeerMeasure{"best_peer_p99_ratio_", "p99 of the time of a whole cold container",
                &LoadSample::p99_us},
    PeerMeasure{"best_peer_cpu_ratio_", "processor seconds of the process for a decoded GB",
                &LoadSample::process_cpu_per_gb},
    PeerMeasure{"best_peer_machine_cpu_ratio_", "processor seconds of the machine for a decoded GB",
                &LoadSample::machine_cpu_per_gb},
};

// Of ours against the best compressed peer with as many requesters.
void add_best_peer(Headlines& headlines, const std::vector<Series>& all, const Series& ours) {
  for (std::size_t t = 0; t < kRequesterCounts.size(); ++t) {
    const Series* best = best_compressed_peer(all, t);
    if (best == nullptr || median_of(ours.loads[t], &LoadSample::decoded_mbps) <= 0) continue;
    const std::string count = std::to_string(kRequesterCounts[t]);
    const std::string sides = ": " + ours.facts.name + " / the compressed peer with the most " +
                              "decoded MB/s, " + best->facts.name + ", " + with_requesters(t);
    const double ratio = paired_ratio(ours, *best, t, &LoadSample::decoded_mbps);
    headlines.add("best_peer_ratio_" + count, ratio,
                  "decoded MB/s of whole cold containers" + sides + "; higher is better");
    // The headline proper is the worse of the two.
    const auto known = headlines.values.find("best_peer_ratio");
    if (known == headlines.values.end() || ratio < known->second) {
      headlines.add("best_peer_ratio", ratio,
                    "the worst of best_peer_ratio_N; decoded MB/s of whole cold containers" +
                        sides + "; peers that store raw are not in it; higher is better");
    }
    for (const PeerMeasure& measure : kPeerMeasures) {
      headlines.add(measure.name + count, paired_ratio(ours, *best, t, measure.value),
                    measure.words + sides + "; lower is better");
    }
  }
}

void add_slice_headlines(Headlines& headlines, const std::vector<Series>& all, const Series& ours) {
  if (median_of(ours.slices, &SliceSample::p50_us) <= 0) return;
  headlines.add("slice_bytes_per_byte", median_of(ours.slices, &SliceSample::device_bytes_per_byte),
                "bytes read from the device for each byte of a cold 64 KiB slice of a large "
                "asset: " +
                    ours.facts.name + "; no ratio to a peer; lower is better");
  double best_p50 = 0;
  std::string best_name;
  for (const Series& one : all) {
    const double p50 = median_of(one.slices, &SliceSample::p50_us);
    if (one.facts.side != Side::compressed_peer || p50 <= 0) continue;
    if (best_p50 > 0 && p50 >= best_p50) continue;
    best_p50 = p50;
    best_name = one.facts.name;
  }
  if (best_p50 > 0) {
    headlines.add("slice_p99_by_best_peer_p50",
                  median_of(ours.slices, &SliceSample::p99_us) / best_p50,
                  "p99 of a cold 64 KiB slice of " + ours.facts.name +
                      " / p50 of the compressed peer with the least, " + best_name +
                      "; lower is better");
  }
}

// Who the others of ours are measured against: the bare loop that asks as far ahead.
const Series* raw_like(const std::vector<Series>& all, const Series& ours) {
  for (const Series& one : all) {
    if (one.facts.name.starts_with("stored raw") &&
        one.facts.asked_ahead == ours.facts.asked_ahead) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace

const Series* best_compressed_peer(const std::vector<Series>& all, std::size_t requesters_index) {
  const Series* best = nullptr;
  double best_rate = 0;
  for (const Series& one : all) {
    const double rate = median_of(one.loads[requesters_index], &LoadSample::decoded_mbps);
    if (one.facts.side != Side::compressed_peer || rate <= best_rate) continue;
    best = &one;
    best_rate = rate;
  }
  return best;
}

std::vector<Figure> figures_of(const std::vector<Series>& all) {
  std::vector<Figure> figures;
  const Series* ours = find(all, kOurName);
  for (const Series& reference : all) {
    if (ours == nullptr || reference.facts.side == Side::ours) continue;
    // A container that was asked for ahead waits for those before it: no match for one that was
    // not.
    if (reference.facts.asked_ahead > 0) continue;
    add_loads(figures, *ours, reference);
    add_slices(figures, *ours, reference);
  }
  for (const Series& other : all) {
    if (other.facts.side != Side::ours || &other == ours) continue;
    const Series* raw = raw_like(all, other);
    if (raw == nullptr) continue;
    add_loads(figures, other, *raw);
    add_slices(figures, other, *raw);
  }
  return figures;
}

Headlines headlines_of(const std::vector<Series>& all) {
  Headlines headlines;
  const Series* ours = find(all, kOurName);
  if (ours == nullptr) return headlines;
  add_best_peer(headlines, all, *ours);
  add_slice_headlines(headlines, all, *ours);
  if (const Series* tar = find(all, "whole-container tar")) {
    add_ratio_headlines(headlines, *ours, *tar, "tar_ratio");
  }
  for (const Series& one : all) {
    const Series* raw = one.facts.side == Side::ours ? raw_like(all, one) : nullptr;
    if (raw == nullptr) continue;
    std::string name = one.facts.name.starts_with("nearfield zstd") ? "raw_ratio_zstd"
                       : one.facts.name.find("chunks") != std::string::npos
                           ? "raw_ratio_lz4_256k_chunks"
                           : "raw_ratio_lz4";
    if (one.facts.asked_ahead > 0) name += "_ahead";
    add_ratio_headlines(headlines, one, *raw, name);
  }
  return headlines;
}

}  // namespace nf::bench
