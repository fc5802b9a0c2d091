// Starting a thread that drives a Device. Unlike std::thread it says by its result when the machine
// has no thread to give. Any thread; the caller joins what was started.
#pragma once

#include <pthread.h>

namespace nf {

// 0, or the errno. The new thread has every signal blocked: an engine's handlers run on the
// engine's own threads. `name` has at most 15 characters.
int start_driver_thread(pthread_t& thread, const char* name, void* (*run)(void*), void* argument);

}  // namespace nf
