#include "core/stream/streamer_impl.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "core/base/assert.h"
#include "core/base/checked.h"
#include "core/base/planted_bug.h"

namespace nf {
namespace {

// What a graphics interface asks of an upload's start.
constexpr std::uint64_t kMemoryGranule = 256;
constexpr Bytes kBudgetMin = {64 << 10};
constexpr Bytes kStagingMin = {16 << 10};
constexpr std::uint64_t kGivenMax = std::uint64_t{1} << 46;
constexpr std::uint32_t kDecodeJobsMin = 256;
constexpr std::uint32_t kDecodeJobsMax = 4096;  // a worker looks at all of them; beyond, they wait
constexpr std::uint32_t kSpawnedMax = 1u << 22;
constexpr Duration kNeededInMax = {24ll * 3600 * 1'000'000'000};
constexpr Duration kRetryAfterMax = {24ll * 3600 * 1'000'000'000};  // before it doubles

// Its address tells threads apart without a system call.
thread_local const char thread_mark = 0;

bool usable(const StreamerOptions& options) {
  const auto is_span = [](Duration duration) { return duration.ns >= 0; };
  return options.hysteresis >= 1 && options.active_max > 0 && options.arrival_cost_max > 0 &&
         options.leaving_cost_max > 0 && options.read_per_second_max.value > 0 &&
         options.read_size_max.value >= kRunAlignment && options.reads_in_flight_max.value > 0 &&
         options.spawned_max <= kSpawnedMax && is_span(options.lookahead) &&
         options.read_timeout.ns > 0 && is_span(options.retry_after) && options.intent_share >= 0 &&
         options.intent_share <= 1;
}

struct GivenRule {
  std::uint64_t alignment = 1;
  Bytes least;
};

Error check_given(std::span<const std::byte> given, const GivenRule& rule) {
  if (given.empty()) return {};
  if (given.data() == nullptr || given.size() > kGivenMax) {
    return {.code = ErrorCode::invalid_argument};
  }
  if (reinterpret_cast<std::uintptr_t>(given.data()) % rule.alignment != 0) {
    return {.code = ErrorCode::memory_misaligned, .at = rule.alignment};
  }
  if (given.size() >= rule.least.value) return {};
  return {.code = ErrorCode::memory_too_small, .at = rule.least.value};
}

bool overlap(std::span<const std::byte> a, std::span<const std::byte> b) {
  const std::less<const std::byte*> before;
  return !a.empty() && !b.empty() && before(a.data(), b.data() + b.size()) &&
         before(b.data(), a.data() + a.size());
}

struct MemoryPlan {
  Bytes containers;
  Bytes staging;
};

Result<MemoryPlan> plan_memory(const StreamerOptions& options) {
  const EngineMemory& given = options.memory;
  Error error = check_given(given.containers, {.alignment = kMemoryGranule, .least = kBudgetMin});
  if (!error)
    error = check_given(given.staging, {.alignment = kRunAlignment, .least = kStagingMin});
  if (error) return error;
  if (overlap(given.containers, given.staging)) return Error{.code = ErrorCode::memory_overlaps};
  const bool maps_containers = given.containers.empty();
  const std::uint64_t budget = options.memory_budget.value;
  if (maps_containers ? budget < kBudgetMin.value : budget != 0) {
    return Error{.code = ErrorCode::invalid_argument};
  }
  std::uint64_t staging = given.staging.size();
  if (given.staging.empty()) {
    staging = maps_containers ? std::min(options.staging.value, budget / 4) : options.staging.value;
  }
  staging = align_down(staging, kRunAlignment);
  std::uint64_t containers = align_down(given.containers.size(), kMemoryGranule);
  if (maps_containers) {
    containers = align_down(given.staging.empty() ? budget - staging : budget, kRunAlignment);
  }
  return MemoryPlan{.containers = {containers}, .staging = {staging}};
}

Result<PageBlock> open_memory(const StreamerOptions& options, Bytes size) {
  if (!options.memory.containers.empty()) {
    return PageBlock::borrow(options.memory.containers.first(size.value));
  }
  const bool large = size.value >= (2u << 20);
  return PageBlock::map(size, large ? PageKind::huge : PageKind::ordinary);
}

Result<OpenedDevice> open_backend(const StreamerOptions& options) {
  const DeviceOptions device_options{
      .reads_max = std::max(DeviceOptions{}.reads_max, options.loads_max),
      .in_flight_max = options.reads_in_flight_max,
      .read_size_max = options.read_size_max};
  if (options.device != nullptr) return OpenedDevice{};
  if (options.backend == Backend::automatic) return open_device(device_options);
  auto opened = options.backend == Backend::io_uring ? open_uring_device(device_options)
                                                     : open_thread_device(device_options);
  if (!opened) return opened.error();
  return OpenedDevice{.device = std::move(*opened), .fallback_reason = {}};
}

InterestOptions interest_options(const StreamerOptions& options) {
  return {.observers_max = options.observers_max,
          .wanted_per_observer_max = options.wanted_per_observer_max,
          .wanted_max = options.active_max,
          .lookahead = options.lookahead,
          .hysteresis = options.hysteresis,
          .sets = options.interest_sets,
          .binds_max = options.binds_max,
          .intents_max = options.intents_max};
}

}  // namespace

StreamerImpl::StreamerImpl(const StreamerOptions& options, PageBlock memory,
                           SpanAllocator memory_spans, Loads loads, Interest interest,
                           IntentAccount intent_account, ActivationCosts costs, OpenedDevice device,
                           DecodePool decoder)
    : options_(options),
      memory_(std::move(memory)),
      memory_spans_(std::move(memory_spans)),
      loads_(std::move(loads)),
      owned_device_(std::move(device.device)),
      device_(owned_device_ ? owned_device_.get() : options.device),
      decoder_(std::move(decoder)),
      backend_reason_(std::move(device.fallback_reason)),
      world_(options.spawned_max),
      interest_(std::move(interest)),
      intent_account_(std::move(intent_account)),
      rate_(options.read_per_second_max),
      costs_(std::move(costs)),
      owner_thread_(&thread_mark) {
  reserve_lists();
  if (owned_device_ != nullptr && options.register_staging) {
    stats_.registered = owned_device_->register_memory(loads_.staging());
  }
}

void StreamerImpl::assert_owner() const {
  if (owner_thread_ != &thread_mark) {
    misused("a Streamer or a Pin of it was used from a thread that did not create the Streamer");
  }
}

Result<std::unique_ptr<StreamerImpl>> StreamerImpl::create(const StreamerOptions& asked) {
  if (!usable(asked)) return Error{.code = ErrorCode::invalid_argument};
  StreamerOptions options = asked;
  if (options.device != nullptr) {
    const Bytes most = options.device->limits().read_size_max;
    options.read_size_max = std::min(options.read_size_max, most);
  }
  options.read_size_max = {align_down(options.read_size_max.value, kRunAlignment)};
  const Result<MemoryPlan> plan = plan_memory(options);
  if (!plan) return plan.error();
  auto pages = open_memory(options, plan->containers);
  if (!pages) return pages.error();
  if (options.touch_memory) pages->touch();
  auto spans = SpanAllocator::create(plan->containers, Bytes{kMemoryGranule},
                                     options.active_max + options.loads_max);
  if (!spans) return spans.error();
  const std::span<std::byte> given = options.memory.staging;
  auto loads = Loads::create({.staging = plan->staging,
                              .staging_memory = given.empty() ? nullptr : given.data(),
                              .read_size_max = options.read_size_max,
                              .loads_max = options.loads_max,
                              .decode_workers = options.decode_workers,
                              .read_timeout = options.read_timeout});
  if (!loads) return loads.error();
  auto interest = Interest::create(interest_options(options));
  if (!interest) return interest.error();
  auto costs = ActivationCosts::create();
  if (!costs) return costs.error();
  auto intent_account = IntentAccount::create({.share = options.intent_share,
                                               .capacity = plan->containers,
                                               .granule = Bytes{kMemoryGranule},
                                               .loads_max = options.loads_max});
  if (!intent_account) return intent_account.error();
  auto device = open_backend(options);
  if (!device) return device.error();
  Device* const used = device->device ? device->device.get() : options.device;
  auto decoder = DecodePool::create(
      {.workers = options.decode_workers,
       .jobs = options.jobs,
       .jobs_max = std::clamp(options.loads_max * 4, kDecodeJobsMin, kDecodeJobsMax),
       .notify = [](void* to) { static_cast<Device*>(to)->wake(); },
       .notify_context = used});
  if (!decoder) return decoder.error();
  std::unique_ptr<StreamerImpl> made(new StreamerImpl(
      options, std::move(*pages), std::move(*spans), std::move(*loads), std::move(*interest),
      std::move(*intent_account), std::move(*costs), std::move(*device), std::move(*decoder)));
  if (options.spawned_max > 0) {
    const Result<void> room = made->reserve_world(options.spawned_max, options.spawned_max + 1);
    if (!room) return room.error();
  }
  if (auto shares = made->reserve_shares(); !shares) return shares.error();
  auto dropped = DroppedNeeds::make();
  if (!dropped) return dropped.error();
  made->dropped_needs_ = std::move(*dropped);
  return made;
}

// A borrowed device has to give every buffer back before the memory goes; our own waits by itself,
// and so does the decoder.
StreamerImpl::~StreamerImpl() {
  if (device_ == nullptr || owned_device_ != nullptr) return;
  for (const ActiveSlot slot : active_.active()) {
    const LoadId load = active_[slot].load;
    active_[slot].load = LoadId::none();
    if (load.valid()) loads_.abandon(load, *device_);
  }
  while (loads_.count() > 0) {
    device_->wait(Duration{1'000'000});
    now_ = now_ + Duration{1'000'000'000};
    loads_.take_reads(*device_, decoder_, now_);
    loads_.take_decoded(decoder_);
    (void)loads_.take_ended();
  }
  for (const Mount& mount : world_.mounts()) device_->remove_file(mount.file);
}

// To their limits, so that no frame and no pin allocates, and no mount moves what an update
// returned.
void StreamerImpl::reserve_lists() {
  const std::size_t most = options_.active_max;
  for (auto* list : {&unlisted_, &arrived_}) list->reserve(most);
  for (auto* list : {&leaving_, &failed_, &shown_, &hidden_}) list->reserve(most * 2);
  level_changes_.reserve(most * 3);
  for (auto* list : {&touched_, &maybe_dormant_}) list->reserve(most);
  pending_.reserve(most * 2);  // while it is sorted, a slot may stand there again
  for (auto* list : {&candidates_, &ready_}) list->reserve(most);
  frames_.resize(options_.observers_max);
  despawned_.reserve(options_.spawned_max);
  lateness_.reserve(most);
  causes_.reserve(most);
  victims_.reserve(most);
  others_.resize(most);
}

FrameEvents StreamerImpl::update(Time now) {
  if (!gathering_) clear_events();
  step(now);
  gathering_ = false;  // not before: what came in a wait may go in this step
  if (!failed_.empty()) drop_what_failed_no_more();
  const InterestChanges changes = interest_.tell_changes();
  if (may_let_go_) let_go();
  return {.arrived = arrived_,
          .lateness = lateness_,
          .causes = causes_,
          .leaving = leaving_,
          .failed = failed_,
          .shown = shown_,
          .hidden = hidden_,
          .bound = changes.bound,
          .unbound = changes.unbound};
}

// It came after all, in a wait; or nobody wants it any more.
void StreamerImpl::drop_what_failed_no_more() {
  std::erase_if(failed_, [this](ContainerId id) {
    const ActiveContainer* const container = find_active(id);
    return container == nullptr || !container->wanted || container->announced;
  });
}

void StreamerImpl::clear_events() {
  for (auto* list : {&arrived_, &leaving_, &failed_, &shown_, &hidden_}) list->clear();
  lateness_.clear();
  causes_.clear();
}

void StreamerImpl::step(Time now) {
  now = std::max(now, now_);  // wait() may have gone ahead of the caller's clock
  if (frame_++ == 0) {  // no time was known before: what is pinned already counts from this one
    for (const ActiveSlot slot : active_.active()) {
      active_[slot].pinned_at = now + (active_[slot].pinned_at - now_);
    }
  }
  frame_before_ = std::exchange(now_, now);
  loads_.take_reads(*device_, decoder_, now);  // stored bytes arrived
  loads_.take_decoded(decoder_);               // asset bytes arrived
  finish_loads(now);                           // residency: in memory, or failed
  mark_wanted(now);                            // predict, interest: what is wanted, what no more
  sort_pending(now);                           // residency: what is wanted and not there yet
  let_leave(now);                              // events, within the frame's budget
  share_out(now);                              // schedule: whose turn it is, if not all can be
  start_loads(now);                            // residency: memory, eviction within the budget
  loads_.submit_reads(*device_, rate_, now);   // schedule, io
  time_out_loads(now);
  let_rest_leave(now);
  hand_out(now);     // events, within the frame's budget
  end_dropped(now);  // what is late and not even active
  show_levels();     // events: which level of what has several
  let_sleep();       // residency: what nobody wants any more
}

void StreamerImpl::finish_loads(Time now) {
  for (const LoadEnd& end : loads_.take_ended()) {
    note_unused(end.container);
    end_intended(end);
    credit(end);
    if (!end.owner.valid()) {
      if constexpr (planted_bug != kAbandonedMemoryLost) memory_spans_.free(end.memory);
      stats_.bytes_wasted += end.bytes_read;
      continue;
    }
    ActiveContainer& container = active_[end.owner];
    container.load = LoadId::none();
    if (end.error) {
      memory_spans_.free(end.memory);
      container.memory = {};
      stats_.bytes_wasted += end.bytes_read;
      fail(container, end.error, now);
    } else {
      container.in_memory = true;
      note_loaded(end.owner, end, now);
      container.bytes_read = end.bytes_read.value;
      container.failures = 0;
      container.failure = {};
    }
  }
}

void StreamerImpl::fail(ActiveContainer& container, const Error& error, Time now) {
  container.failure = error;
  note_failed(active_.find(container.id), now);
  const std::uint32_t doublings = std::min(container.failures, 6u);
  const std::int64_t first_ns = std::min(options_.retry_after.ns, kRetryAfterMax.ns);
  container.retry_at = now + Duration{first_ns << doublings};
  ++container.failures;
  ++stats_.failures;
  const auto told = [&] { return std::find(failed_.begin(), failed_.end(), container.id); };
  if (gathering_ && told() != failed_.end()) return;
  if (planted_bug == kFailureToldOnce && container.failures > 1) return;
  failed_.push_back(container.id);
}

// The container is told as failed; its buffers stay with the kernel until they come back.
void StreamerImpl::time_out_loads(Time now) {
  for (const LoadTimeout& late : loads_.find_timed_out(now)) {
    ActiveContainer& container = active_[late.owner];
    abandon_intended(container);
    container.load = LoadId::none();
    container.memory = {};
    fail(container,
         Error{.code = ErrorCode::timed_out,
               .subject_kind = Subject::container,
               .subject = container.id.value},
         now);
    loads_.abandon(late.load, *device_);
  }
}

bool StreamerImpl::pin(ContainerId id, Duration needed_in) {
  if (!world_.exists(id)) return false;
  std::uint32_t local = 0;
  const bool shared = table_of(id, local).flags[local] == ContainerFlags::shared;
  const ActiveSlot slot = activate(id, shared);
  if (!slot.valid()) return false;
  ActiveContainer& container = active_[slot];
  const Time needed_at = now_ + std::clamp(needed_in, Duration{}, kNeededInMax);
  const bool counts = container.pins == 0 || planted_bug == kLastPinCounts;
  container.pinned_at = counts ? needed_at : std::min(container.pinned_at, needed_at);
  if (container.pins++ > 0) return true;
  touch(slot);
  // Of what only others wanted these hold what it depends on, and may leave before it is looked at.
  if (container.announced && !container.holds) hold_resident(slot, now_);
  return true;
}

void StreamerImpl::unpin(ContainerId id) {
  assert_owner();
  const ActiveSlot slot = active_.find(id);
  NF_ASSERT(slot.valid() && active_[slot].pins > 0);
  if (--active_[slot].pins == 0) touch(slot);
}

void StreamerImpl::touch(ActiveSlot slot) {
  if (active_[slot].touched) return;
  active_[slot].touched = true;
  touched_.push_back(slot);
}

bool StreamerImpl::idle() const {
  return loads_.count() == 0 && touched_.empty() && !more_to_start_ && !more_to_hand_out_ &&
         !active_.oldest_lingering().valid();
}

const ActiveContainer* StreamerImpl::find_active(ContainerId id) const {
  if (id.value >= world_.container_count()) return nullptr;
  const ActiveSlot slot = active_.find(id);
  return slot.valid() ? &active_[slot] : nullptr;
}

std::span<const std::byte> StreamerImpl::bytes_of(ContainerId id) const {
  const ActiveContainer* container = find_active(id);
  if (container == nullptr || !container->announced) return {};
  // What it is spawned of arrived before it and stays as long.
  if (world_.is_spawned(id)) return bytes_of(world_.content(id));
  if (!container->memory.valid()) return {};
  return memory_.bytes().subspan(container->memory.at, raw_size_of(id));
}

Residency StreamerImpl::state(ContainerId id) const {
  const ActiveContainer* container = find_active(id);
  if (container == nullptr) return Residency::dormant;
  const Residency residency =
      residency_of(*container, container->load.valid() && loads_.decoding(container->load));
  const bool underway = container->wanted && !container->announced;
  return underway && dependency_failure(*container) ? Residency::failed : residency;
}

Error StreamerImpl::failure(ContainerId id) const {
  const ActiveContainer* container = find_active(id);
  if (container == nullptr || container->announced) return {};
  return container->failure ? container->failure : dependency_failure(*container);
}

Stats StreamerImpl::stats() const {
  Stats stats = stats_;
  const DeviceStats device = device_->stats();
  stats.bytes_read = device.bytes_read;
  stats.reads = device.reads;
  stats.retries = loads_.retries();
  stats.memory = loads_.staging_size() + memory_spans_.used();
  stats.memory_peak = std::max(stats.memory_peak, stats.memory);
  stats.memory_free = memory_spans_.capacity() - memory_spans_.used();
  stats.memory_free_largest = memory_spans_.largest_free();
  stats.huge_pages = loads_.in_huge_pages();
  stats.intents = interest_.intent_count();
  stats.late_now = dropped_needs_.late(now_);
  stats.intent_memory = intent_account_.memory();
  stats.overflows += interest_.stats().overflows;
  for (const ActiveSlot slot : active_.active()) {
    const ActiveContainer& container = active_[slot];
    if (container.announced) ++stats.resident;
    if (container.needed_since < now_) ++stats.late_now;
    if (container.load.valid()) ++stats.loading;
    if (container.wanted && !container.in_memory && !container.load.valid() && !container.failure) {
      ++stats.queued;
    }
  }
  return stats;
}

const ContainerTable& StreamerImpl::table_of(ContainerId id, std::uint32_t& local) const {
  const Origin from = world_.origin(id);
  local = from.local;
  return from.mount->tables->containers;
}

// What is spawned has no bytes of its own.
std::uint64_t StreamerImpl::raw_size_of(ContainerId id) const {
  std::uint32_t local = 0;
  return world_.is_spawned(id) ? 0 : table_of(id, local).raw_size[local];
}

}  // namespace nf
