#include "core/io/driver_thread.h"

#include <signal.h>

namespace nf {

int start_driver_thread(pthread_t& thread, const char* name, void* (*run)(void*), void* argument) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  // A new thread inherits the mask of the one that makes it.
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = ::pthread_create(&thread, nullptr, run, argument);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) ::pthread_setname_np(thread, name);
  return error;
}

}  // namespace nf
