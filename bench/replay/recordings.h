// Recordings: what is replayed. Found under --traces, or made up.
//
// Main thread. Throws BadInput where the folder holds none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/suite/suite.h"

namespace nf::bench {

struct Recording {
  std::string name;            // for people: the file's
  std::filesystem::path path;  // empty: `text` is it
  std::string text;
};

struct Recordings {
  std::vector<Recording> matches;
  std::vector<Recording> logs;
  bool made_up = false;
};

Recordings find_recordings(const BenchOptions& options);
std::string text_of_recording(const Recording& recording);  // reads its file

}  // namespace nf::bench
