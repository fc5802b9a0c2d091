// JobSystem: an engine's own, as the Streamer uses it to decode in place of threads of its own.
//
// A function and a context, because one call is all there is to it: an engine in any language can
// fill it in, and nothing has to be derived from. `submit` is called on the owner's thread, inside
// Streamer::update, and on any thread that runs one of the jobs, when that job ends.
// Memory: `context` is the engine's and outlives the Streamer, and the engine's own calls of
// `submit` that have not returned when ~Streamer is back; `data` is the Streamer's.
#pragma once

namespace nf {

struct JobSystem {
  // Checks and decodes about a quarter of a megabyte, or one chunk more if chunks are larger: well
  // under a millisecond as `nearfield pack` cuts them, and at most 1.25 MiB. It takes what is
  // needed soonest at the time it runs, whatever it was when it was submitted. It never blocks,
  // allocates or throws, and takes no lock.
  using Job = void (*)(void* data);

  // Has `job(data)` called once, on any thread: later, or within this call. It cannot refuse: what
  // has no room in a queue is called at once. It returns on the thread that called it.
  //
  // update() waits for nothing but this. So that a frame never waits, it must not block, and so
  // that none allocates, it must not allocate. As many jobs as StreamerOptions::decode_workers wait
  // or decode at one time; one that has just submitted its successor may still be returning.
  //
  // ~Streamer returns when all of them have run, and Streamer::wait when its container has, so
  // there must be a thread to run them on besides the one that is in these. None is called after
  // ~Streamer.
  void (*submit)(void* context, Job job, void* data) = nullptr;
  void* context = nullptr;
};

}  // namespace nf
