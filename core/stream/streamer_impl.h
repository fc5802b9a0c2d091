// StreamerImpl: the frame. Joins forecasts, residency, schedule, device and decoder; its `step` is
// the table of contents of the runtime.
//
// Thread: the owner's. Allocates in `create`, `mount`, `unmount` and, while `wait` gathers events,
// in `step`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nearfield/streamer.h>

#include "core/base/pages.h"
#include "core/codec/decode_pool.h"
#include "core/interest/wanted.h"
#include "core/io/devices.h"
#include "core/residency/active_set.h"
#include "core/residency/dropped_needs.h"
#include "core/residency/intent_account.h"
#include "core/residency/span_allocator.h"
#include "core/schedule/activation_costs.h"
#include "core/schedule/fair_shares.h"
#include "core/schedule/read_plan.h"
#include "core/schedule/turn_order.h"
#include "core/stream/loads.h"
#include "core/world/world.h"

namespace nf {

// Something wanted is given up only for what is needed clearly sooner, or the two would take turns.
inline constexpr Duration kEvictionMargin = {1'000'000'000};
inline constexpr std::uint32_t kEvictionsPerLoadMax = 64;

class StreamerImpl {
 public:
  static Result<std::unique_ptr<StreamerImpl>> create(const StreamerOptions& options);
  ~StreamerImpl();

  Result<ContainerRange> mount(const Source& source);
  Result<void> unmount(ContainerId root);
  Result<ContainerId> spawn(ContainerId template_root, ContainerId parent,
                            const FrameMotion& motion, Time now);
  Result<void> despawn(ContainerId id, Time now);
  Result<void> attach(ContainerId id, ContainerId parent, const FrameMotion& motion, Time now);
  void withdraw(IntentId id) { interest_.withdraw(id); }
  const World& world() const { return world_; }

  Result<ObserverId> add_observer(const Observer& observer, Time now);
  void move_observer(ObserverId id, const Motion& motion, Time now);
  void remove_observer(ObserverId id);
  std::span<const ContainerId> interest_of(ObserverId id) const;
  Result<void> move_frame(ContainerId id, const FrameMotion& motion, Time now);

  Result<IntentId> intend(ObserverId id, const Intent& intent, Time now);
  Result<void> change_intent(IntentId id, const Intent& intent, Time now);
  Bytes share_of(ObserverId id) const;

  FrameEvents update(Time now);
  Result<void> wait(ContainerId id, Time now, Duration timeout);
  Result<void> fill(Time now, Duration timeout);
  void wait_for_progress(Duration timeout) { device_->wait(timeout); }

  bool pin(ContainerId id, Duration needed_in);  // false: too many active
  void unpin(ContainerId id);
  const ActiveContainer* find_active(ContainerId id) const;
  std::span<const std::byte> bytes_of(ContainerId id) const;  // empty unless it arrived

  LateCause cause(ContainerId id) const;
  void report_cost(ContainerId id, Activation what, Duration measured);

  Residency state(ContainerId id) const;
  Stats stats() const;
  const char* backend() const { return device_->name(); }
  const char* backend_reason() const { return backend_reason_.c_str(); }
  bool idle() const;
  Error failure(ContainerId id) const;

  // Ends the process if this is not the thread that made the Streamer.
  void assert_owner() const;

 private:
  // What an observer's frame is in its body's, kept because it seldom changes.
  struct KnownFrame {
    ContainerId frame;
    FramePlace place;
    std::uint64_t known_at = 0;  // frames_version_
  };
  struct Victim {
    Time needed_at;
    ActiveSlot slot;
    std::uint64_t size = 0;
  };

  static constexpr std::uint32_t kNoCandidate = ~0u;
  // Needed soon and not handed out, while observers compete for the disk.
  struct Urgent {
    ActiveSlot slot;
    std::uint32_t candidate = kNoCandidate;  // in candidates_; none: on its way, or in memory
  };
  struct Account {
    ObserverId observer;
    Bytes read;
  };

  StreamerImpl(const StreamerOptions& options, PageBlock memory, SpanAllocator memory_spans,
               Loads loads, Interest interest, IntentAccount intent_account, ActivationCosts costs,
               OpenedDevice device, DecodePool decoder);

  static MovingPose pose_of(const FrameMotion& motion) {
    return {.pose = {motion.position, motion.rotation},
            .velocity = motion.velocity,
            .spin = motion.spin};
  }
  void reserve_lists();
  bool is_observer(ObserverId id) const;  // false once it was removed
  const FramePlace* find_frame(std::uint32_t slot, ContainerId frame);
  void touch(ActiveSlot slot);
  void step(Time now);
  void finish_loads(Time now);
  void time_out_loads(Time now);
  void fail(ActiveContainer& container, const Error& error, Time now);

  // want_step.cpp
  void mark_wanted(Time now);
  void list(const Wanted& wanted, Time now);
  void unlist_missing(Time now);
  void unlist(ActiveSlot slot, Time now);
  ActiveSlot activate(ContainerId id, bool shared);
  ActiveSlot activate_in_frame(ContainerId id, bool shared, Time now);
  bool can_be_spared(const ActiveContainer& container) const;
  void note_needed(ActiveContainer& container, Time now);
  void close_need(ActiveContainer& container, Time now);
  void mark_used(ActiveContainer& container);
  bool may_start(const ActiveContainer& container, Time now) const;
  void reconsider(ActiveSlot slot, Time now);
  void hold_dependencies(ActiveSlot slot, Time now);
  void drop_user(ActiveSlot held, Time now);
  void release_dependencies(ActiveSlot slot, Time now);
  void update_wanted(ActiveSlot slot, Time now);
  void make_pending(ActiveSlot slot);
  void sort_pending(Time now);
  bool only_reachable(const ActiveContainer& container) const;
  void pass_need_on(ActiveContainer& container);
  void find_bytes(ActiveSlot slot, Time now);
  static std::uint32_t tie_of(const ActiveContainer& container);
  void sort_out(ActiveSlot slot, Time now);
  void look_before_sleep(ActiveSlot slot);
  void let_sleep();

  // slots_step.cpp
  void begin_slots();
  void note_no_slot(ContainerId id, Time now);
  bool is_needed(const ActiveContainer& container) const;
  void give_up_slots(Time now);
  std::size_t slots_missing() const;

  // shares_step.cpp
  Result<void> reserve_shares();
  void share_out(Time now);
  bool may_share(const ActiveContainer& container, Time now) const;
  void gather_begun(Time now);
  void clear_urgent();
  void add_urgent(const Urgent& urgent, Bytes size);
  Ask* find_ask(ContainerId id);
  void claim(Ask& ask, std::uint32_t observer);
  void find_payers(Time until);
  void take_turns();
  void begin_turn(ActiveSlot slot, const Ask& ask);
  void note_start(ActiveSlot slot);
  void attribute_started();
  void open_account(ObserverId id, float weight);
  void credit(const LoadEnd& end);

  // memory_step.cpp
  void start_loads(Time now);
  bool start_load(ActiveSlot slot, Time now);
  SpanAllocator::Span make_room(std::uint64_t size, Time needed_at, Time now);
  SpanAllocator::Span evict_for(std::uint64_t size, Time needed_at, Time now);
  SpanAllocator::Span evict_cached_for(std::uint64_t size, std::uint32_t& evicted, Time now);
  bool waits_for_abandoned(std::uint64_t size);
  Time given_up_for(const Wanted& wanted) const;
  void find_victims();
  ActiveSlot take_victim(Time needed_at);
  ActiveSlot take_victim_there(Time needed_at);
  void give_up(ActiveSlot slot, Time now);
  void evict(ActiveSlot slot);
  void postpone(ActiveSlot slot, Time now);
  bool may_come_back(const ActiveContainer& container, Time now) const;
  Duration awaited_for(Bytes stored) const;
  void abandon_load(ActiveContainer& container);
  Error dependency_failure(const ActiveContainer& container) const;
  void hand_out(Time now);
  void leave_only_ready();
  bool dependencies_are(const ActiveContainer& container,
                        bool (*there)(const ActiveContainer&)) const;
  void announce(ActiveSlot slot, Time now);
  void drop_what_failed_no_more();
  void clear_events();

  // yield_step.cpp
  std::span<const Victim> later_victims(Time needed_at);
  std::uint64_t coming_free() const;
  std::uint64_t obtainable_for(Time needed_at);
  bool could_fit(ActiveSlot slot);
  bool lets_go(const ActiveContainer& container) const;
  void let_later_yield(ActiveSlot slot, Time now);

  // leave_step.cpp
  bool linger(ActiveSlot slot, Time now);
  bool hold_resident(ActiveSlot slot, Time now);
  void let_leave(Time now);
  void let_rest_leave(Time now);
  void stop_lingering(ActiveSlot slot, Time now);
  bool hasten_leaving(Time now);
  void rest(ActiveSlot slot);
  void leave_at_once(ActiveSlot slot);
  void leave(ActiveSlot slot);
  Duration activation_cost(ContainerId id, Activation what) const;
  ForetoldCost foretold_cost(ContainerId id, Activation what) const;

  // changes_step.cpp
  Result<void> reserve_world(std::uint32_t containers, std::uint32_t bodies);
  void note_unused(ContainerId id);
  void let_go();
  void evict_cached(ContainerRange range);
  bool in_use(const Mount& mount) const;

  // late_step.cpp
  void begin_history(ActiveSlot slot, Time now);
  void note_only_kept(ActiveSlot slot, Time now);
  void note_in_memory(ActiveSlot slot, Time now);
  void note_load(ActiveSlot slot, Time now);
  void note_loaded(ActiveSlot slot, const LoadEnd& end, Time now);
  void note_failed(ActiveSlot slot, Time now);
  void note_no_memory(ActiveSlot slot, Time now);
  void note_given_up(ActiveSlot slot, Time now);
  void add_memory_short(Time now);
  LateCause cause_of(ActiveSlot slot, Time needed_since, Time until, bool asks_dependencies) const;
  void count_late(Duration late, LateCause cause);
  void note_dropped(Time now);
  void note_was_dropped(ActiveSlot slot, Time since);
  void end_dropped(Time now);

  // levels_step.cpp
  void note_level(ContainerId id);
  void show_levels();
  void show_level(ContainerId id, bool may_stand);
  void set_shown(ContainerId id, bool shown);

  // intents_step.cpp
  Result<IntentSample> in_body(const Intent& intent, Time now) const;
  Time rank_of(const Wanted& wanted, Time now) const;
  bool only_intended(const ActiveContainer& container) const;
  void take_off_account(ActiveContainer& container);
  void claim(ActiveContainer& container);
  void abandon_intended(ActiveContainer& container);
  void end_intended(const LoadEnd& end);
  void admit_intended(Time now);
  bool make_share(Bytes size, Time needed_at, Time now);
  SpanAllocator::Span make_room_for_intended(std::uint64_t size, Time now);
  void let_intended_yield(Time needed_at, Time now);

  std::uint64_t raw_size_of(ContainerId id) const;
  const ContainerTable& table_of(ContainerId id, std::uint32_t& local) const;

  // The memory outlives the device, which outlives nothing that the kernel still writes to; and the
  // device outlives the workers, who wake those that wait for it.
  StreamerOptions options_;
  PageBlock memory_;
  SpanAllocator memory_spans_;
  Loads loads_;
  std::unique_ptr<Device> owned_device_;
  Device* device_ = nullptr;
  DecodePool decoder_;
  std::string backend_reason_;

  World world_;
  Interest interest_;
  std::vector<KnownFrame> frames_;  // by the observer's slot
  std::uint64_t frames_version_ = 1;
  std::vector<ContainerId> closing_;    // roots of archives that were unmounted and are still used
  std::vector<ContainerId> despawned_;  // likewise of what was spawned
  bool may_let_go_ = false;             // of these, since they were last looked at
  ActiveSet active_;
  IntentAccount intent_account_;
  RateLimit rate_;
  ActivationCosts costs_;
  Time now_;
  Time frame_before_;  // a step of a wait counts as one
  std::uint64_t frame_ = 0;

  std::span<const Wanted> wanted_;         // ascending: what this frame was told of, or more
  std::vector<ContainerId> unlisted_;      // in this frame
  std::vector<ActiveSlot> pending_;        // wanted and not announced
  std::vector<ActiveSlot> touched_;        // pinned or unpinned since the last frame
  std::vector<ActiveSlot> maybe_dormant_;  // to be looked at when the frame ends
  bool slots_short_ = false;               // in this frame something needed found too many active
  bool leaves_slots_ = false;  // it did in the last one: what is not needed takes no slot in this
  std::uint32_t without_slot_ = 0;  // of what is needed, in this frame
  std::vector<Victim> victims_;     // found where slots or memory are short, for each anew
  bool victims_known_ = false;
  std::size_t victims_left_ = 0;       // the first ones; those after it were taken in this frame
  std::vector<std::uint32_t> others_;  // by active slot; scratch of yield_step.cpp
  std::uint64_t obtainable_ = 0;   // at most so many bytes, for what found no memory in this frame
  Bytes awaited_;                  // of abandoned loads' memory, by what found none in this frame
  bool more_to_start_ = false;     // waits for staging
  bool more_to_hand_out_ = false;  // waits for the next frame's budget
  std::vector<Waiting> candidates_;  // scratch
  std::vector<Waiting> ready_;       // in memory, wanted, not handed out
  std::vector<ContainerId> arrived_, leaving_, failed_, shown_, hidden_;
  std::vector<ContainerId> level_changes_;  // came or went in this frame
  std::vector<Duration> lateness_;
  std::vector<LateCause> causes_;
  DroppedNeeds dropped_needs_;
  BareTime reading_, decoding_;    // what loads take when nothing is in the way
  Duration memory_short_;          // for how long, in all, something found no memory
  bool memory_was_short_ = false;  // when loads were last started
  Time starts_at_;
  // shares_step.cpp
  FairShares shares_;
  bool somebody_waits_ = false;       // for what is needed already and is not in memory
  bool sharing_ = false;              // in this frame
  std::vector<ActiveSlot> underway_;  // pending, with a load
  std::vector<Urgent> urgent_;
  std::vector<Ask> asks_;           // of each of them: what is yet to be read, and who pays
  Bytes urgent_bytes_;              // not in memory, of what is needed soon
  Array<std::uint32_t> urgent_at_;  // by active slot; right only if urgent_ says so, too
  TurnOrder turn_order_;
  std::vector<Turn> load_turns_;         // by load; kNoTurn
  std::vector<ObserverId> load_payers_;  // by load
  std::vector<ActiveSlot> started_;      // in this frame without a turn, if shares are counted
  std::vector<Account> accounts_;        // by the observer's slot
  Array<ObserverNeed> needs_;            // a portion of them
  ContainerFilter asked_;
  bool gathering_ = false;  // wait() keeps events for the next update()
  Stats stats_;
  const char* owner_thread_;
};

}  // namespace nf
