// What the process answers with. Scripts rely on the numbers: never renumber.
// Plain values, any thread.
#pragma once

#include <nearfield/result.h>

namespace nf {

enum class ExitCode : int {
  done = 0,
  answer_is_no = 1,     // bad chunks; late arrivals past --max-late; no certificate
  wrong_use = 2,        // the command line, or something it names that is not there
  bad_input = 3,        // an archive, a source or a trace that is not what it should be
  machine_refused = 4,  // disk full, permission, no memory, no io_uring
  interrupted = 130,    // Ctrl-C, as shells report it
};

// Which of them an error of the library is.
ExitCode exit_code_of(const Error& error);

}  // namespace nf
