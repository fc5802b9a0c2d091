// `nearfield bench load --line`: every container of a world in a random order, cold, and one JSON
// line of figures, for scripts.
//
// Main thread; writes to standard output, says why not on standard error.
#pragma once

namespace nf::bench {

// argv[0] is the program, argv[1] "load". Returns the exit code.
int load_main(int argc, char** argv);

}  // namespace nf::bench
