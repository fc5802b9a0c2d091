// Suite: one question that `nearfield bench` asks of a machine, and the figures that answer it.
//
// A suite measures ours and a reference in turn, round by round in the same run, and keeps every
// sample: a ratio of two things measured at different times says more about the machine's other
// guests than about either. Plain data; the suites themselves run on one thread unless they say
// otherwise and throw BenchError where they cannot measure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace nf::bench {

// Every field has an initializer, so that a value can be written with the fields it needs.
// NOLINTBEGIN(readability-redundant-member-init)
struct BenchOptions {
  std::filesystem::path dir = ".";   // where test files are made; its disk is what is measured
  std::filesystem::path world = {};  // an archive; empty: the suite makes what it needs in `dir`
  std::filesystem::path traces = {};  // replay: a folder of recordings; empty: they are made up
  std::filesystem::path model = {};  // where disk writes its device model; empty: nowhere
  double seconds = 1;                // of one sample
  std::uint32_t rounds = 7;          // samples of each figure
  std::uint64_t seed = 1;
  std::uint32_t workers = 0;  // decode workers; 0: the suite's own choice
  bool small = false;         // load: only the many small assets
  std::function<void(const std::string& what, double done)> progress = nullptr;  // done: 0 to 1
};

// Samples below this are for a look at whether everything runs: a suite may measure fewer points.
inline constexpr double kLookSeconds = 0.1;

enum class Better : std::uint8_t { higher, lower };

// Where a figure stands in a plot of its suite; its reference is drawn at the same place.
struct PlotPlace {
  std::string plot;  // the plot's heading; empty: none, only a bar
  std::string line;  // which line of the plot it is on
  double x = 0;      // more than 0 where the axis is logarithmic
  std::string x_text;
  bool even = false;  // places follow each other at even distances, else by their logarithms
};

// One row. Sample i of ours and sample i of the reference come from the same round.
struct Figure {
  std::string name;  // "1 MiB, huge pages, io_uring"
  std::string unit;  // "MB/s", "s/GB", "us"
  Better better = Better::higher;
  std::vector<double> ours = {};
  std::string reference_name = {};     // empty: there is none, and `reference` is empty
  std::vector<double> reference = {};  // parallel to ours
  bool reference_is_constant = false;  // a number to be reached, that nobody measured
  PlotPlace place = {};
};
// NOLINTEND(readability-redundant-member-init)

struct SuiteResult {
  std::string suite;
  std::vector<Figure> figures;
  std::map<std::string, double> headlines;  // short name -> median
  std::vector<std::string> notes;           // what was not measured and why, what was refused
  // Short name -> sentence, where only the run can say it: see headline_notes.h.
  std::map<std::string, std::string> headline_notes;
};

// One sentence: what cannot be measured here, and why. Ends the suite, not the others.
class BenchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same where it lies with what was given, such as an archive that is damaged.
class BadInput : public BenchError {
 public:
  using BenchError::BenchError;
};

struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};
Spread spread_of(std::vector<double> samples);        // all 0 if empty
std::vector<double> ratios_of(const Figure& figure);  // ours / reference, by round

SuiteResult run_disk(const BenchOptions& options);
SuiteResult run_codec(const BenchOptions& options);
SuiteResult run_load(const BenchOptions& options);
SuiteResult run_flight(const BenchOptions& options);
SuiteResult run_contenders(const BenchOptions& options);
SuiteResult run_update(const BenchOptions& options);
SuiteResult run_scale(const BenchOptions& options);
SuiteResult run_replay(const BenchOptions& options);

}  // namespace nf::bench
