#include "tests/end_to_end/run_program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

extern char** environ;

namespace nf::end_to_end {
namespace {

std::string content_of(int file) {
  std::string text;
  char buffer[1 << 16];
  off_t at = 0;
  ssize_t got = 0;
  while ((got = ::pread(file, buffer, sizeof(buffer), at)) > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
    at += got;
  }
  return text;
}

}  // namespace

nlohmann::json RunResult::json() const {
  nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << "no JSON: " << out << err;
  return parsed.is_discarded() ? nlohmann::json() : parsed;
}

RunningProgram::RunningProgram(const std::string& program, const std::vector<std::string>& words,
                               const std::string& out_file)
    : out_(out_file.empty() ? ::memfd_create("out", MFD_CLOEXEC)
                            : ::open(out_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)),
      err_(::memfd_create("err", MFD_CLOEXEC)) {
  std::vector<std::string> copies = {program};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_, STDERR_FILENO);
  const int failed =
      ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(failed, 0) << program << ": " << std::strerror(failed);
  if (failed != 0) waited_ = true;
}

RunningProgram::~RunningProgram() {
  if (!waited_) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

void RunningProgram::take_status(int status) {
  waited_ = true;
  if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
}

bool RunningProgram::ended() {
  int status = 0;
  if (!waited_ && ::waitpid(process_, &status, WNOHANG) == process_) take_status(status);
  return waited_;
}

bool RunningProgram::signal_when_caught(int number) {
  const std::string path = "/proc/" + std::to_string(process_) + "/status";
  while (!ended()) {
    std::ifstream status(path);
    for (std::string line; std::getline(status, line);) {
      if (line.rfind("SigCgt:", 0) != 0) continue;
      const std::uint64_t caught = std::stoull(line.substr(7), nullptr, 16);
      if ((caught >> (number - 1) & 1) != 0) return ::kill(process_, number) == 0;
    }
    ::usleep(1000);
  }
  return false;
}

RunResult RunningProgram::wait() {
  int status = 0;
  if (!waited_ && ::waitpid(process_, &status, 0) == process_) take_status(status);
  result_.out = content_of(out_);
  result_.err = content_of(err_);
  return result_;
}

std::string bin_path(const std::string& program) {
  return std::string(NF_BIN_DIR) + "/" + program;
}

RunResult run_nearfield(const std::vector<std::string>& words, const std::string& out_file) {
  return RunningProgram(bin_path("nearfield"), words, out_file).wait();
}

bool can_deny_uring() {
  return ::access(bin_path("deny_uring").c_str(), X_OK) == 0;
}

RunResult run_without_uring(int error_number, bool only_enter,
                            const std::vector<std::string>& words) {
  std::vector<std::string> all = {std::to_string(error_number)};
  if (only_enter) all.emplace_back("enter");
  all.insert(all.end(), {"--", bin_path("nearfield")});
  all.insert(all.end(), words.begin(), words.end());
  return RunningProgram(bin_path("deny_uring"), all).wait();
}

}  // namespace nf::end_to_end
