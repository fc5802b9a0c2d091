#include "bench/contenders/image/child_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "bench/contenders/cached_file.h"
#include "bench/contenders/file_read.h"
#include "bench/suite/suite.h"
#include "tools/nearfield/interrupt.h"

namespace nf::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLogShown = 300;  // bytes
constexpr auto kLookEvery = std::chrono::milliseconds(10);

std::string end_of(const fs::path& log) {
  std::ifstream file(log, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::string all = text.str();
  return all.size() > kLogShown ? all.substr(all.size() - kLogShown) : all;
}

// Between fork and exec only what is safe in a process of many threads.
[[noreturn]] void become(const char* program, char* const* words, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(program, words);
  ::_exit(127);
}

// Ctrl-C ends the child with this process's work: an image takes minutes.
int status_at_end(pid_t child, const std::string& name) {
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) throw_errno(name);
    if (interrupted()) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(kLookEvery);
  }
}

}  // namespace

fs::path find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path program = fs::path(folder) / name;
    if (!folder.empty() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

void run_program(const fs::path& program, const std::vector<std::string>& arguments,
                 const fs::path& log) {
  std::string name = program.string();
  std::vector<std::string> texts = arguments;
  std::vector<char*> words = {name.data()};
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) throw_errno(log.string());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(name.c_str(), words.data(), file, parent);
  ::close(file);
  if (child < 0) throw_errno(name);
  const int status = status_at_end(child, name);
  stop_if_interrupted();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw BenchError(name + " failed: " + end_of(log));
  }
}

}  // namespace nf::bench
