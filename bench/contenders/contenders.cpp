// The suite: how fast do the same containers come from everybody's archives, cold, in the same
// random order, and at what price?
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "bench/contenders/contender_list.h"
#include "bench/contenders/report.h"
#include "bench/contenders/round_plan.h"
#include "bench/contenders/sample.h"
#include "bench/suite/block_counters.h"
#include "bench/suite/rounds.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/sizes.h"

namespace nf::bench {
namespace {

constexpr Bytes kGeneratedSize = {256ull << 20};
// A sample asks for as many bytes as this rate delivers in the time of one: the fast need less
// time then, the slow more, and all load the same containers.
constexpr double kBytesPerSecond = 1e9;
constexpr double kSlicesPerSecond = 400;
constexpr double kSlicesMin = 32;
constexpr double kFreeShareMin = 0.05;  // of the disk, left after packing

class ContenderRun {
 public:
  explicit ContenderRun(const BenchOptions& options) : options_(options) {}

  SuiteResult measure() {
    result_.suite = "contenders";
    tree_ = make_container_tree(options_, kGeneratedSize, result_.notes);
    ContenderList list = list_contenders(tree_.folder, options_.workers);
    // What keeps ours from running keeps all.
    if (list.contenders.empty() || list.contenders.front()->facts().side != Side::ours) {
      throw BenchError(list.notes.front());
    }
    move_notes(list.notes);
    prepare(std::move(list.contenders));
    const std::uint32_t in_flight_max = std::max(kRequesterCounts.back(), kAskedAhead);
    memory_.emplace(tree_, in_flight_max);
    compare();
    for (std::uint32_t round = 0; round < options_.rounds; ++round) measure_round(round);
    tell_method();
    tell_sizes();
    result_.figures = figures_of(series_);
    Headlines headlines = headlines_of(series_);
    result_.headlines = std::move(headlines.values);
    result_.headline_notes = std::move(headlines.notes);
    return std::move(result_);
  }

 private:
  void tell(const std::string& what, double done) const {
    if (options_.progress) options_.progress(what, done);
  }
  void move_notes(std::vector<std::string>& notes) {
    std::move(notes.begin(), notes.end(), std::back_inserter(result_.notes));
  }

  void prepare(std::vector<std::unique_ptr<Contender>> all);
  void compare();
  void measure_round(std::uint32_t number);
  void measure_one(std::size_t index, const Round& round);
  void refuse_one(std::size_t index);
  void drop_out(std::size_t index, const std::exception& error);
  void tell_method();
  void tell_sizes();
  std::uint64_t load_bytes() const {
    return static_cast<std::uint64_t>(options_.seconds * kBytesPerSecond);
  }

  const BenchOptions& options_;
  SuiteResult result_;
  ContainerTree tree_;
  std::optional<RequesterMemory> memory_;
  std::vector<std::unique_ptr<Contender>> contenders_;  // null: dropped out
  std::vector<Series> series_;                          // parallel
  std::set<std::string> refused_;
};

// Of the disk, as the kernel says it; "unknown" where it does not.
std::string read_ahead_of(const std::filesystem::path& path) {
  std::ifstream file("/sys/class/bdi/" + block_number(path.c_str()) + "/read_ahead_kb");
  std::string size;
  return file >> size ? size + " KiB" : "unknown";
}

bool has_room(const ContainerTree& tree) {
  const std::filesystem::space_info space = std::filesystem::space(tree.folder);
  const double left = static_cast<double>(space.available) - 1.1 * static_cast<double>(tree.size());
  return left > kFreeShareMin * static_cast<double>(space.capacity);
}

void ContenderRun::prepare(std::vector<std::unique_ptr<Contender>> all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = all[i]->facts().name;
    tell("packing: " + name, static_cast<double>(i) / static_cast<double>(all.size()));
    if (!has_room(tree_)) {
      throw BenchError(tree_.folder.string() + ": too little room to pack for everybody; " +
                       human_size({tree_.size()}) + " of assets take about ten times as much");
    }
    Series series;
    series.facts = all[i]->facts();
    try {
      all[i]->prepare(tree_);
      contenders_.push_back(std::move(all[i]));
      series_.push_back(std::move(series));
    } catch (const std::exception& error) {
      // Our own failure is no absence of a peer.
      if (series.facts.side == Side::ours) throw BenchError(name + ": " + error.what());
      result_.notes.push_back("NOT MEASURED: " + name + ": " + error.what());
    }
  }
}

void ContenderRun::drop_out(std::size_t index, const std::exception& error) {
  const ContenderFacts& facts = series_[index].facts;
  // Our own failure is no absence of a peer.
  if (facts.side == Side::ours) throw BenchError(facts.name + ": " + error.what());
  result_.notes.push_back("NOT MEASURED: " + facts.name + ": " + error.what());
  contenders_[index].reset();
  series_[index] = {.facts = facts, .loads = {}, .slices = {}};
}

void ContenderRun::compare() {
  for (std::size_t i = 0; i < contenders_.size(); ++i) {
    tell("comparing all bytes: " + series_[i].facts.name,
         static_cast<double>(i) / static_cast<double>(contenders_.size()));
    try {
      compare_all_bytes(*contenders_[i], tree_, *memory_, kRequesterCounts.back());
      const std::string remark = contenders_[i]->remark();
      if (!remark.empty()) result_.notes.push_back(series_[i].facts.name + ": " + remark);
    } catch (const std::exception& error) {
      drop_out(i, error);
    }
  }
}

void ContenderRun::measure_round(std::uint32_t number) {
  const RoundSize size{.load_bytes = load_bytes(),
                       .slices = static_cast<std::size_t>(
                           std::max(kSlicesMin, options_.seconds * kSlicesPerSecond))};
  const Round round = make_round(tree_, size, options_.seed, number);
  const std::vector<std::size_t> order = order_of_round(contenders_.size(), number);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(order.size());
    tell(text_of("round %u of %u: ", number + 1, options_.rounds) + series_[order[i]].facts.name,
         (number + part) / options_.rounds);
    if (contenders_[order[i]] == nullptr) continue;
    try {
      measure_one(order[i], round);
    } catch (const std::exception& error) {
      drop_out(order[i], error);
    }
  }
}

void ContenderRun::measure_one(std::size_t index, const Round& round) {
  Contender& contender = *contenders_[index];
  Series& series = series_[index];
  for (std::size_t t = 0; t < load_counts_of(series.facts); ++t) {
    series.loads[t].push_back(
        take_load_sample(contender, tree_, round, kRequesterCounts[t], *memory_));
    if (!series.loads[t].back()) refuse_one(index);
  }
  // The archive is the same as without asking ahead.
  if (round.slices.size() < 2 || series.facts.asked_ahead > 0) return;
  series.slices.push_back(take_slice_sample(contender, tree_, round));
  if (!series.slices.back()) refuse_one(index);
}

void ContenderRun::refuse_one(std::size_t index) {
  const std::string& name = series_[index].facts.name;
  if (!refused_.insert(name).second) return;
  result_.notes.push_back("REFUSED: samples of " + name +
                          ": its files stay in the page cache; something has them open or mapped");
}

void ContenderRun::tell_method() {
  const auto large = plan_slices(tree_, {.slices = tree_.assets.size()}, 0).size();
  std::vector<std::string> notes = {
      grouped(tree_.count()) + " containers, " + grouped(tree_.assets.size()) + " assets, " +
          human_size({tree_.size()}) + ", largest container " +
          human_size({tree_.container_size_max()}) + "; " + grouped(large) +
          " assets of 256 KiB and more give slices",
      "all bytes of all containers were compared with the source before the first round, each "
      "slice after it was timed",
      "cold: files are dropped from the page cache and looked for in it before each sample; images "
      "are mounted anew. Names and inodes of loose files and tars stay in memory, in their favour. "
      "What a host below this machine caches is nobody's to drop",
      "1 requester has one container in flight, 4 have four; peers have a thread for each, the "
      "bare loop and ours one thread for all. 'asked ahead' keeps six in flight whoever asks, so "
      "it has no count of requesters; its latencies hold the wait for those before",
      "peers read through the page cache as the system is set up; read-ahead of this disk: " +
          read_ahead_of(tree_.folder),
      "device bytes: of kernel file systems from the disk's counters (everybody's reads), else "
      "what "
      "this process made the kernel fetch. CPU of the machine counts other processes, too",
      "slices of ours go through the archive's reader by direct reads, not through the Streamer"};
  move_notes(notes);
}

void ContenderRun::tell_sizes() {
  if (load_bytes() > tree_.size()) {
    result_.notes.push_back("a sample of " + text_of("%g", options_.seconds) + " s asks for " +
                            human_size({load_bytes()}) + ", the world has " +
                            human_size({tree_.size()}) +
                            ": each sample loads all of it once, and longer ones no more");
  }
  std::uint64_t kept = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tree_.folder)) {
    if (entry.is_regular_file()) kept += entry.file_size();
  }
  result_.notes.push_back(tree_.folder.string() + " keeps " + human_size({kept}) +
                          " for the next run: remove it when there is none");
}

}  // namespace

SuiteResult run_contenders(const BenchOptions& options) {
  try {
    return ContenderRun(options).measure();
  } catch (const std::filesystem::filesystem_error& error) {
    throw BenchError(error.path1().string() + ": " + error.code().message());
  }
}

}  // namespace nf::bench
