// Signals that ask a verb to stop, each in a process of its own: what they change is the process's.
#include "tools/nearfield/interrupt.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace nf::end_to_end {
namespace {

// The wait status of a process that catches interrupts and then is sent `number` so many times; it
// ends with 0 if it takes that for an interrupt, else with 1.
int status_after(int number, int times, bool ignored_before = false) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(number, ignored_before ? SIG_IGN : SIG_DFL);
    catch_interrupts();
    for (int i = 0; i < times; ++i) std::raise(number);
    ::_exit(interrupted() ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child ? status : -1;
}

TEST(Interrupt, is_one_of_three_signals) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = status_after(number, 1);
    ASSERT_TRUE(WIFEXITED(status)) << number;
    EXPECT_EQ(WEXITSTATUS(status), 0) << number;
  }
}

TEST(Interrupt, ends_the_process_when_it_is_asked_for_again) {
  for (const int number : {SIGINT, SIGTERM}) {
    const int status = status_after(number, 2);
    ASSERT_TRUE(WIFSIGNALED(status)) << number;
    EXPECT_EQ(WTERMSIG(status), number);
  }
}

TEST(Interrupt, is_no_more_haste_when_a_terminal_says_twice_that_it_closes) {
  const int status = status_after(SIGHUP, 2);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Interrupt, is_no_closed_terminal_under_nohup) {
  const int status = status_after(SIGHUP, 1, true);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

}  // namespace
}  // namespace nf::end_to_end
