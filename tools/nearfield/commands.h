// The verbs: what each was asked for, and the function that does it. main.cpp and flight_verbs.cpp
// fill the structs from the command line; a cmd_*.cpp holds each function.
//
// Main thread. Each returns the exit code and has said on standard error why, if it is not 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nearfield/streamer.h>
#include <nearfield/types.h>

#include "tools/nearfield/exit_code.h"
#include "tools/nearfield/output.h"

namespace nf {

struct PackArgs {
  std::string source;
  std::string output;
  std::string format = "auto";  // auto, folder, world, flightgear, stellarium, naev
  std::string codec = "auto";   // auto, store, lz4, zstd
  int lz4_level = 9;
  int zstd_level = 9;
  Bytes chunk_size;  // 0: the packer's own
  Bytes disk_rate = {1'000'000'000};
  std::string disk;  // a simulated disk or a FILE.json, in place of disk_rate; empty: none
  Bytes memory = {1ull << 30};
  std::uint32_t threads = 0;
  bool force = false;                      // replace what is there and is no archive
  std::vector<std::string> without;        // tags
  std::vector<std::string> without_kinds;  // texture, mesh ...
};

struct InfoArgs {
  std::string archive;
};

struct ListArgs {
  std::string archive;
  std::string path;
  std::string kind;
  bool assets = false;
  bool flat = false;
  std::uint32_t depth_max = ~0u;
};

struct CatArgs {
  std::string archive;
  std::string path;
  std::string range;  // FROM:SIZE; empty: all of it
};

struct ExtractArgs {
  std::string archive;
  std::vector<std::string> paths;
  std::string output;  // empty: a folder named after the archive
  bool force = false;
  bool allow_expansion = false;  // write far more than the archive holds
  bool keep_going = false;
};

struct VerifyArgs {
  std::string archive;
  std::uint32_t threads = 2;
};

struct GenerateArgs {
  std::string folder;            // of the recipe world
  std::string recipe = "world";  // world, system, galaxy
  Bytes size = {256ull << 20};
  bool size_given = false;
  std::uint64_t seed = 1;
  std::uint32_t threads = 0;
  // Of the recipes that make an archive.
  std::string archive;
  std::optional<std::uint32_t> systems, containers, assets;
  std::optional<Bytes> asset_size;
  bool force = false;  // replace what is there and is no archive
};

struct FlyArgs {
  std::string archive;
  std::string trace;
  std::string route;
  std::string origin;
  double scale = 1;
  std::optional<double> speed;      // metres a second
  std::optional<double> speed_max;  // metres a second, that the observer states; none: it does not
  std::optional<double> seconds;    // of flight
  std::string device = "real";
  std::string tune;  // the file of a measured disk to size the window for; empty: none
  std::optional<std::string> backend;  // auto, uring, threads
  Bytes memory = {512ull << 20};
  double lookahead_seconds = 8;
  double frames_per_second = 60;
  std::optional<std::uint32_t> workers;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> late_max;
  bool as_fast = false;
  std::string report;
  bool force = false;  // replace what is there and is no report
};

struct CertifyArgs {
  std::string archive;
  std::string device = "nvme";
  std::string under;  // a container; empty: the root
  double speed = 0;   // metres a second
  double lookahead_seconds = 8;
  double frames_per_second = 60;
  double resolution = 0;  // metres; 0: a part of the way ahead
  Bytes budget = {512ull << 20};
  std::uint32_t workers = 2;
  std::uint32_t wanted_max = 512;
  bool ignore_holes = false;
  std::uint32_t flights = 12;
  std::uint64_t seed = 1;
  std::string report;
  bool force = false;  // replace what is there and is no report
};

struct PredictArgs {
  std::string traces;
  std::string train;       // a folder
  double train_hours = 1;  // of each kind
  std::string model;
  std::string world;
  std::uint64_t grid_seed = 1;
  std::uint64_t seed = 1;  // of which pieces of the traces
  std::vector<std::string> kinds;
  std::vector<std::string> policies;
  double hours = 0.5;
  std::string device;           // empty: made by rho
  std::optional<Bytes> memory;  // empty: 1.5 times the largest required set
  double rho = 0.9;
  std::uint32_t threads = 0;
  std::string json;  // "-": standard output
  std::string html;
  bool force = false;  // replace what is there and is something else
  bool stdio = false;
  std::string policy = "foretell";  // of stdio
  std::optional<double> knob;
};

struct TrainArgs {
  std::string traces;
  std::string output;
  std::vector<std::string> kinds;
  double hours = 1;  // of each kind
  Bytes size = {1u << 20};
  bool size_given = false;
  std::uint64_t seed = 1;
  std::uint32_t threads = 0;
  bool force = false;  // replace what is there and is no model
};

struct BenchArgs {
  std::vector<std::string> words;  // all that follow the verb, for nearfield_bench to understand
};

ExitCode run_pack(const PackArgs& args, Console& console);
ExitCode run_info(const InfoArgs& args, Console& console);
ExitCode run_list(const ListArgs& args, Console& console);
ExitCode run_cat(const CatArgs& args, Console& console);
ExitCode run_extract(const ExtractArgs& args, Console& console);
ExitCode run_verify(const VerifyArgs& args, Console& console);
ExitCode run_generate(const GenerateArgs& args, Console& console);
ExitCode run_fly(const FlyArgs& args, Console& console);
ExitCode run_certify(const CertifyArgs& args, Console& console);
ExitCode run_predict(const PredictArgs& args, Console& console);
ExitCode run_train(const TrainArgs& args, Console& console);
ExitCode run_bench(const BenchArgs& args, Console& console);  // does not return if it can start

}  // namespace nf
