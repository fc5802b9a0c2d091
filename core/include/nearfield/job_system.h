// JobSystem: an engine's own, as the Streamer uses it to decode in place of threads of its own.
//
// A function and a context, because one call is all there is to it: an engine in any language can
// fill it in, and nothing has to be derived from. `submit` is called on the owner's thread, inside
// Streamer::update, and on any thread that runs one of the jobs, when that job ends.
// Memory: `context` is the engine's and outlives the Streamer; `data` is the Streamer's.
#pragma once

namespace nf {

struct JobSystem {
  // Checks and decodes about a quarter of a megabyte, well under a millisecond. It takes what is
  // needed soonest at the time it runs, whatever it was when it was submitted. It never blocks,
  // allocates or throws, and takes no lock.
  using Job = void (*)(void* data);

  // Has `job(data)` called once, on any thread: later, or within this call. It cannot refuse: what
  // has no room in a queue is called at once. It returns on the thread that called it.
  //
  // update() waits for nothing but this. So that a frame never waits, it must not block, and so
  // that none allocates, it must not allocate. As many jobs as StreamerOptions::decode_workers are
  // with the engine at one time, waiting or running.
  //
  // ~Streamer returns when all of them have run, so there must be a thread to run them on besides
  // the one that is in it. None is called after that.
  void (*submit)(void* context, Job job, void* data) = nullptr;
  void* context = nullptr;
};

}  // namespace nf
