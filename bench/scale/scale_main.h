// `nearfield bench scale --line`: one archive opened and mounted once, and one JSON line of what
// that took, for scripts and for the suite itself, which needs a process that did nothing before.
//
// Main thread; writes to standard output, says why not on standard error.
#pragma once

namespace nf::bench {

// argv[0] is the program, argv[1] "scale". Returns the exit code.
int scale_main(int argc, char** argv);

}  // namespace nf::bench
