// A seccomp filter, written by hand so that no library is needed, that refuses io_uring as
// container runtimes (EPERM) and old kernels or sandboxes (ENOSYS) do. For tests. Any thread;
// cannot be undone.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace nf::test {

enum class Denied {
  everything,
  enter,        // a ring can be made and then not be used
  registering,  // it can be used, and no memory be registered with it
};

struct DenyOptions {
  int os_error = 0;
  Denied denied = Denied::everything;
  bool all_threads = false;  // those that run already, too
};

// False, with errno, if the kernel has no such filters.
inline bool deny_uring(const DenyOptions& options) {
  // io_uring_setup, _enter, _register; the same numbers on every architecture.
  constexpr unsigned kSetup = 425;
  constexpr unsigned kEnter = 426;
  constexpr unsigned kRegister = 427;
  const bool all = options.denied == Denied::everything;
  const unsigned one = options.denied == Denied::enter ? kEnter : kRegister;
  const unsigned first = all ? kSetup : one;
  const unsigned last = all ? kRegister : one;
  const auto refuse = SECCOMP_RET_ERRNO | static_cast<unsigned>(options.os_error);
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, refuse),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = sizeof code / sizeof code[0], .filter = code};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  const unsigned flags = options.all_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
}

}  // namespace nf::test
