// Writes the golden archives and models anew: make_golden FOLDER. They are made once for each
// version of the format and then kept: a reader of any later version opens them. With `--dump` it
// prints the worked examples of the formats' descriptions.
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/golden/hex_dump.h"
#include "tests/golden/sample_model.h"
#include "tests/golden/sample_world.h"
#include "tests/golden/temporary_folder.h"

namespace {

int make(const nf::sample::World& world, const std::string& path) {
  const nf::Result<void> written = nf::sample::write(world, path);
  if (written) return 0;
  std::fprintf(stderr, "%s: %s\n", path.c_str(), nf::error_text(written.error().code));
  return 3;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: make_golden FOLDER | --dump\n");
    return 2;
  }
  if (std::strcmp(arguments[1], "--dump") == 0) {
    const nf::sample::TemporaryFolder folder;
    const std::string path = folder.file("smallest.nfa");
    if (const int failed = make(nf::sample::smallest_world(), path); failed != 0) return failed;
    std::fputs(nf::sample::hex_dump(nf::sample::read_file(path)).c_str(), stdout);
    const std::vector<std::byte> model = *nf::model_bytes(nf::sample::smallest_model());
    std::fputs(nf::sample::hex_dump({model.begin(), model.begin() + 128}).c_str(), stdout);
    return 0;
  }
  const std::string folder = arguments[1];
  const int small = make(nf::sample::golden_world(), folder + "/v1_small.nfa");
  const int motion =
      make(nf::sample::golden_world_in_motion(), folder + "/v1_motion_and_gates.nfa");
  nf::sample::write_file(folder + "/v1_model.nfm", *nf::model_bytes(nf::sample::golden_model()));
  return small != 0 ? small : motion;
}
