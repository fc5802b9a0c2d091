// Writes the files of data/reject anew: make_reject FOLDER.
#include <cstdio>
#include <string>

#include "tests/golden/temporary_folder.h"
#include "tests/reject/reject_cases.h"
#include "tests/reject/reject_models.h"

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: make_reject FOLDER\n");
    return 2;
  }
  const nf::sample::TemporaryFolder work;
  const auto cases = nf::sample::make_reject_cases(work.path());
  for (const nf::sample::RejectCase& one : cases) {
    nf::sample::write_file(std::string(arguments[1]) + "/" + one.name + ".nfa", one.bytes);
  }
  const auto models = nf::sample::make_reject_models();
  for (const nf::sample::RejectCase& one : models) {
    nf::sample::write_file(std::string(arguments[1]) + "/" + one.name + ".nfm", one.bytes);
  }
  std::printf("%zu files\n", cases.size() + models.size());
  return 0;
}
