// Writes a sample archive and says how it went: write_sample PATH golden|smallest. The fault tests
// run it under strace. Exit code 0 done, 4 the machine refused, 5 replaced but not flushed.
#include <cstdio>
#include <cstring>

#include "tests/golden/sample_world.h"

int main(int argument_count, char** arguments) {
  if (argument_count != 3) return 2;
  const bool golden = std::strcmp(arguments[2], "golden") == 0;
  const nf::sample::World world =
      golden ? nf::sample::golden_world() : nf::sample::smallest_world();
  const nf::Result<void> written = nf::sample::write(world, arguments[1]);
  if (written) return 0;
  std::printf("%s\n", nf::error_text(written.error().code));
  return written.error().code == nf::ErrorCode::replaced_not_flushed ? 5 : 4;
}
