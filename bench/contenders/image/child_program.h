// Child program: runs a packing tool to its end. It is killed if this process dies first, or is
// interrupted.
//
// Any thread. Throws BenchError.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nf::bench {

// In PATH and in the system's folders, which are not in every user's; empty if there is none.
std::filesystem::path find_program(const std::string& name);

// What it prints goes to `log`, whose end is in the error.
void run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& log);

}  // namespace nf::bench
