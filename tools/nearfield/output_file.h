// OutputFile: whether a verb may put its result where it was told to. What is there already and is
// not of the kind that the verb writes belongs to somebody.
//
// Looks at files and changes none; any thread.
#pragma once

#include <string>

namespace nf {

enum class OutputKind { archive, report, json, model };

struct OutputFile {
  std::string path;
  OutputKind kind = OutputKind::archive;
  bool force = false;  // replace what is something else; never a folder or a device
};

// Why not, as a sentence that begins with the path; empty if nothing is in the way.
std::string wrong_output(const OutputFile& output);

bool is_same_file(const std::string& a, const std::string& b);
bool is_folder(const std::string& path);

}  // namespace nf
