// Ctrl-C and closed pipes. The first SIGINT or SIGTERM asks the verb to stop where nothing is left
// half done; the second ends the process at once.
//
// Call from the main thread. The handler only sets a flag.
#pragma once

namespace nf {

void catch_interrupts();  // for verbs that write files or run long
bool interrupted();
void ignore_broken_pipe();  // writes to a closed pipe fail instead of killing the process
void end_by_broken_pipe();  // ends the process as if that had not been asked for

}  // namespace nf
