// deny_uring ERRNO [enter] -- PROGRAM [ARGUMENTS]: runs a program that finds io_uring refused with
// this errno (1 is EPERM, 38 is ENOSYS); with `enter`, a ring opens and then cannot be used.
// Exit codes: those of the program; 2 wrong use; 125 no such filters here; 127 no such program.
#include "tests/conformance/deny_uring.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int count, char** arguments) {
  const bool enter = count > 2 && std::strcmp(arguments[2], "enter") == 0;
  const int dashes = enter ? 3 : 2;
  const int os_error = count > 1 ? std::atoi(arguments[1]) : 0;
  const bool usable = os_error > 0 && os_error < 256 && count > dashes + 1 &&
                      std::strcmp(arguments[dashes], "--") == 0;
  if (!usable) {
    std::fprintf(stderr, "use: deny_uring ERRNO [enter] -- PROGRAM [ARGUMENTS]\n");
    return 2;
  }
  using nf::test::Denied;
  if (!nf::test::deny_uring({.os_error = os_error,
                             .denied = enter ? Denied::enter : Denied::everything,
                             .all_threads = false})) {
    std::perror("deny_uring: the kernel takes no filter");
    return 125;
  }
  ::execvp(arguments[dashes + 1], arguments + dashes + 1);
  std::perror("deny_uring: the program does not start");
  return 127;
}
