// Streamer: keeps the containers near every observer in memory, within a budget.
//
// Thread: a Streamer belongs to the thread that created it; every call that changes anything checks
// it, and ends the process with a message that says so. It calls nothing of the engine's but what
// it was given in StreamerOptions (device, jobs), never blocks inside `update`, and allocates only
// in `create`, `mount`, `unmount` and `add_observer`. A client has one observer, a server one for
// each player: the class is the same.
// Memory: asset bytes belong to the Streamer; they stay where they are while a Pin holds them.
#pragma once

#include <span>
#include <string_view>

#include <nearfield/container.h>
#include <nearfield/frame_events.h>
#include <nearfield/gate.h>
#include <nearfield/observer.h>
#include <nearfield/pin.h>
#include <nearfield/result.h>
#include <nearfield/streamer_options.h>
#include <nearfield/types.h>

namespace nf {

class StreamerImpl;

class Streamer {
 public:
  static Result<Streamer> create(const StreamerOptions& options);
  Streamer(Streamer&&) noexcept;
  Streamer& operator=(Streamer&&) noexcept;
  ~Streamer();  // waits until the kernel and the engine's jobs have given back every buffer

  // Adds an archive's containers; ids are assigned in one range. The source must outlive this.
  Result<ContainerRange> mount(const Source& source);
  // Takes an archive away, by its root: nothing of it is needed from the next update() on, with
  // which it begins to leave (StreamerOptions::leaving_cost_max); an observer that it had the space
  // of needs nothing until it is moved elsewhere. What was attached to it from elsewhere goes on as
  // `despawn` says. The Source must stay until `mounted` says false, some updates later, when no
  // read and no Pin uses it any more, and no observer is bound to it; its ids may then be given
  // again. in_use while anything is spawned from its templates, despawned ones that have not left
  // included, or attached to it where nothing is around. not_found if no archive has this root.
  Result<void> unmount(ContainerId root);
  bool mounted(ContainerId root) const;

  Result<ObserverId> add_observer(const Observer& observer, Time now);
  // Without a word, since it may be called every frame: a motion is ignored, and the observer goes
  // on as it was stated last, where its frame is not there any more or its position is no number or
  // beyond all worlds; a velocity that is no number counts as none.
  // An id that is no observer's, or no longer, is none's from then on, whoever has the place next:
  // moving and removing it does nothing, it is bound to nothing, and its share is 0.
  void move_observer(ObserverId id, const Motion& motion, Time now);
  void remove_observer(ObserverId id);
  // What it is bound to, as of the last update(), ascending; until the next one. It is what all
  // `bound` and `unbound` so far add up to. Empty without StreamerOptions::interest_sets.
  std::span<const ContainerId> interest_of(ObserverId id) const;
  // What the observer is about to do: see Intent. limit_exceeded past intents_max;
  // invalid_argument for no such observer or frame, and for numbers that are none.
  Result<IntentId> intend(ObserverId id, const Intent& intent, Time now);
  // Through a gate, to stand where one comes out; not_found if it leads nowhere.
  Result<IntentId> intend(ObserverId id, GateId gate, Duration in, float probability, Time now);
  // Each frame, if the engine likes: a countdown goes on, a jump becomes more likely. not_found if
  // it is none any more; on an error it stays as it was.
  Result<void> change_intent(IntentId id, const Intent& intent, Time now);
  // The jump is over, or will not be. What only the intent wanted and nobody ever needed gives its
  // memory back with the next update(), or with its last read; what arrived, when it leaves
  // (StreamerOptions::leaving_cost_max). Nothing for one that is none any more.
  void withdraw(IntentId id);
  // Bytes that were read on its account (see Observer::weight): each container is on the account of
  // one observer that needed it when its load began, of several on that of the one whose turn it
  // was. Counts what began while observers competed for the disk; with
  // StreamerOptions::count_shares everything but what only a Pin wanted.
  Bytes share_of(ObserverId id) const;
  // Moves the frame of a container that may move (`moves` in its world.json: what is spawned of a
  // template only if the template says so, too), and all below it with it, at the cost of one pose:
  // nothing is indexed anew. invalid_argument for any other container (ContainerView::moves tells),
  // and for a motion that is no number or no rotation.
  Result<void> move_frame(ContainerId id, const FrameMotion& motion, Time now);

  // Gives a template's subtree (`template` in world.json) a place in the frame of `parent`; none:
  // the root frame. The ids of what is in it follow the returned one as those of the template
  // follow its root. What arrives is the template's container, once for all that are spawned of it,
  // and then the spawned one, whose assets are the template's. invalid_argument if it is no
  // template or `parent` is not there or of a template; limit_exceeded past
  // StreamerOptions::spawned_max, which counts every container of what is spawned: a ship of 5
  // takes 5. It stands where it was spawned for good unless the template `moves`, too.
  Result<ContainerId> spawn(ContainerId template_root, ContainerId parent,
                            const FrameMotion& motion, Time now);
  // Takes it away: what of it was resident begins to leave with the next update(). Who is in it
  // goes on in what is around, and so does what was attached to it: where it is, and its next
  // motion is stated in the frame of the first container around that is still there; none: the root
  // frame. Its ids are given again once it has left, no Pin holds any and no observer is bound to
  // any. not_found if it is not the first container of what was spawned; in_use if something is
  // attached to it and nothing is around.
  Result<void> despawn(ContainerId id, Time now);
  // A container whose frame moves goes on in the frame of `parent`: a ship docks, or is through a
  // gate, with all that are in it; it may not be below itself. Not a jump for who is inside.
  // invalid_argument as for move_frame.
  Result<void> attach(ContainerId id, ContainerId parent, const FrameMotion& motion, Time now);
  // The template's container that a spawned one is of; none if it was not spawned.
  ContainerId template_of(ContainerId id) const;

  // One step of the pipeline. `now` is the caller's clock and never runs backwards, so that a run
  // can be replayed exactly.
  FrameEvents update(Time now);

  // Empty, and never resident, if active_max containers are active already. `needed_in` says how
  // far ahead of need this is, a day at most: a gate that is spooling up, a landing that was asked
  // for. What is needed sooner is read first. Of several pins the earliest counts, until all went.
  Pin pin(ContainerId id, Duration needed_in = {});
  ContainerId find(
      std::string_view path) const;  // "planet/zone/room"; none if there is no such container
  // Where a container is, how large, and what it is; without an id if there is no such container,
  // which one that was despawned or unmounted is no more.
  ContainerView container(ContainerId id) const;
  // Where the frame of a container is in that of another, and how it moves there, as the frames
  // were moved last: to draw it, in the camera's. None: the root frame. In double, so it is exact
  // for what is near each other however far both are from the root. not_found if one of them is no
  // container or of a template, and for different spaces (Source::apart).
  Result<FrameMotion> frame_in(ContainerId id, ContainerId in) const;
  // Gates that stand in a container's frame, and the one of a name; empty or none if it has none.
  GateRange gates_of(ContainerId container) const;
  GateId find_gate(ContainerId container, std::string_view name) const;
  // Where it stands, and where it leads by what is mounted now. Without a container if there is no
  // such gate.
  GateView gate(GateId id) const;
  // Steps the pipeline until the pin is resident, failed or the time is over; what arrived or left
  // meanwhile comes with the next update(). Blocks: for loading screens and tools, not for frames.
  // `now` is where the caller's clock stands. An engine's jobs run on other threads meanwhile.
  Result<void> wait(const Pin& pin, Time now, Duration timeout);

  // The one loading screen, before the first frame or after a jump that was not foretold: steps the
  // pipeline until everything that is wanted around the observers is there that finds memory and
  // does not fail, or the time is over (timed_out). What arrived comes with the next update().
  // Meanwhile the world's clock stands at `now`: nothing of this counts as late, and
  // read_per_second_max is not kept. Blocks. Not for a simulated Device, which takes its time from
  // that clock: there, update() until idle(), and take Stats of then away from those of later.
  Result<void> fill(Time now, Duration timeout);

  // Blocks until reads or decoded chunks are there for the next update(), or the time is over; now
  // and then returns for nothing. What only waits for time to pass (a rate limit, retry_after, the
  // next frame's budget) does not end it. For tools and servers that have nothing else to do.
  void wait_for_progress(Duration timeout);

  // What the engine's work on a container took when it arrived or left. Later arrivals and leavings
  // count as what was measured: of the container itself, smoothed, if it is among the some ten
  // thousand reported last; of others what their author said, times what such estimates were lately
  // found to be off by (a sixteenth to sixteen times). Clamped to between 0 and one second.
  void report_cost(ContainerId id, Activation what, Duration measured);

  Residency state(ContainerId id) const;
  // Of a container that is needed at this moment and not there, why it is not; else none.
  LateCause cause(ContainerId id) const;
  Error failure(ContainerId id) const;  // its own, or of something it depends on; else ok
  Stats stats() const;
  const char* backend() const;         // Device::name()
  const char* backend_reason() const;  // why not io_uring; empty if it is, or was not asked for
  // As of the last update(): nothing is on its way, and nothing waits for staging or for the next
  // frame's budget. What found no memory or failed does not count: it waits for the world to
  // change.
  bool idle() const;

 private:
  explicit Streamer(StreamerImpl* impl);
  StreamerImpl* impl_ = nullptr;
};

}  // namespace nf
