// Ctrl-C, closed terminals and pipes, and file size limits. The first SIGINT or SIGTERM asks the
// verb to stop where nothing is left half done, and the second ends the process at once; SIGHUP
// asks the same, however often it comes, unless the process was begun with it ignored.
//
// Call from the main thread. The handler only sets a flag.
#pragma once

namespace nf {

void catch_interrupts();  // for verbs that write files or run long
bool interrupted();
// Writes to a closed pipe or past the limit of file sizes fail instead of killing the process.
void ignore_write_signals();
void end_by_broken_pipe();  // ends the process as if that had not been asked for

}  // namespace nf
