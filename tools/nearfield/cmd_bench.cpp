// `nearfield bench`: becomes the program nearfield_bench beside it, so that what only benchmarks
// need is not linked into the tool that ships.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tools/nearfield/commands.h"

namespace nf {

ExitCode run_bench(const BenchArgs& args, Console& console) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return console.fail(ExitCode::machine_refused, "bench: /proc/self/exe: " + error.message());
  }
  const std::string program = (self.parent_path() / "nearfield_bench").string();
  std::vector<std::string> words = args.words;
  std::vector<char*> pointers = {const_cast<char*>(program.c_str())};
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::execv(program.c_str(), pointers.data());
  if (errno == ENOENT) {
    return console.fail(ExitCode::machine_refused,
                        "bench: there is no " + program + "; it is built with NF_BUILD_BENCH=ON");
  }
  return console.fail(ExitCode::machine_refused, "bench: " + program + ": " + std::strerror(errno));
}

}  // namespace nf
