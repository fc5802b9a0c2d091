// Starting the built programs, and what they said. Test support.
//
// One thread a program; output goes through files, so that no pipe can fill up.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace nf::end_to_end {

struct RunResult {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out;
  std::string err;

  nlohmann::json json() const;  // of `out`; a failed assertion of the test, and null, if it is none
};

class RunningProgram {
 public:
  // `program` is a path. `out_file`: where standard output goes instead of into `out`.
  RunningProgram(const std::string& program, const std::vector<std::string>& words,
                 const std::string& out_file = "");
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  pid_t process() const { return process_; }
  bool ended();      // without waiting
  // Sends a signal as soon as the program has said that it handles it; false: it ended before.
  bool signal_when_caught(int number);
  RunResult wait();  // once

 private:
  void take_status(int status);

  pid_t process_ = -1;
  bool waited_ = false;
  int out_ = -1;
  int err_ = -1;
  RunResult result_;
};

std::string bin_path(const std::string& program);  // of the build
RunResult run_nearfield(const std::vector<std::string>& words, const std::string& out_file = "");
// Through the launcher that refuses io_uring with `error_number`; `only_enter`: opening still
// works.
bool can_deny_uring();
RunResult run_without_uring(int error_number, bool only_enter,
                            const std::vector<std::string>& words);

}  // namespace nf::end_to_end
