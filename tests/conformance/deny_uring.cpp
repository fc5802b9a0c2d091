// deny_uring ERRNO [enter|register] -- PROGRAM [ARGUMENTS]: runs a program that finds io_uring
// refused with this errno (1 is EPERM, 38 is ENOSYS); with `enter`, a ring opens and then cannot be
// used; with `register`, only no memory can be registered with it.
// Exit codes: those of the program; 2 wrong use; 125 no such filters here; 127 no such program.
#include "tests/conformance/deny_uring.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int count, char** arguments) {
  using nf::test::Denied;
  Denied denied = Denied::everything;
  if (count > 2 && std::strcmp(arguments[2], "enter") == 0) denied = Denied::enter;
  if (count > 2 && std::strcmp(arguments[2], "register") == 0) denied = Denied::registering;
  const int dashes = denied == Denied::everything ? 2 : 3;
  const int os_error = count > 1 ? std::atoi(arguments[1]) : 0;
  const bool usable = os_error > 0 && os_error < 256 && count > dashes + 1 &&
                      std::strcmp(arguments[dashes], "--") == 0;
  if (!usable) {
    std::fprintf(stderr, "use: deny_uring ERRNO [enter|register] -- PROGRAM [ARGUMENTS]\n");
    return 2;
  }
  if (!nf::test::deny_uring({.os_error = os_error, .denied = denied, .all_threads = false})) {
    std::perror("deny_uring: the kernel takes no filter");
    return 125;
  }
  ::execvp(arguments[dashes + 1], arguments + dashes + 1);
  std::perror("deny_uring: the program does not start");
  return 127;
}
