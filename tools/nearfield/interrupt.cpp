#include "tools/nearfield/interrupt.h"

#include <csignal>

namespace nf {
namespace {

volatile std::sig_atomic_t interrupted_flag = 0;

void note_interrupt(int) {
  interrupted_flag = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  // SA_RESETHAND gives the second signal its ordinary meaning. Without SA_RESTART, sleeps end
  // early.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A terminal that closes often sends two, one by its shell and one by the kernel: nobody asks
  // for haste by the second. Under nohup it is ignored, and stays so.
  struct sigaction before = {};
  if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  action.sa_flags = 0;
  sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() {
  return interrupted_flag != 0;
}

void ignore_write_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void end_by_broken_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

}  // namespace nf
