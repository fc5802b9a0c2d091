#include "tools/certify/adversary.h"

#include <nearfield/streamer.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/prng.h"
#include "core/world/vector_math.h"

namespace nf::certify {
namespace {

constexpr double kSettleSeconds = 600;  // of simulated time, at most
constexpr double kDrainSeconds = 30;    // until what is late has come
constexpr int kIdleFrames = 3;
constexpr double kLookEvery = 0.25;   // seconds, for what is near
constexpr double kTurnChance = 0.02;  // a frame

WorldVector unit(WorldVector v) {
  const double size = length(v);
  return size > 0 ? v * (1 / size) : WorldVector{1, 0, 0};
}

// Evenly over the sphere, or over the horizon of a world that is flat.
WorldVector any_way(Prng& prng, bool flat) {
  const double angle = 6.283185307179586 * prng.unit();
  const double z = flat ? 0 : 2 * prng.unit() - 1;
  const double around = std::sqrt(1 - z * z);
  return {around * std::cos(angle), around * std::sin(angle), z};
}

class Flyer {
 public:
  Flyer(const Arena& arena, const Attack& attack, Streamer streamer)
      : arena_(arena),
        attack_(attack),
        streamer_(std::move(streamer)),
        prng_(attack.seed),
        at_(attack.start),
        way_(attack.way),
        frame_(Duration::from_seconds(arena.supply.frame_seconds)) {
    for (std::uint32_t id = 0; id < arena.world.container_count(); ++id) {
      places_.push_back(arena.world.place_in_space({id}));
      placed_.push_back(is_placed(id));
    }
  }

  Result<AttackResult> run(const Source& source) {
    if (const auto mounted = streamer_.mount(source); !mounted) return mounted.error();
    const auto observer = streamer_.add_observer(
        {.motion = {.position = at_, .velocity = {}}, .speed_max = arena_.envelope.speed_max},
        now_);
    if (!observer) return observer.error();
    observer_ = *observer;
    settle();
    fly();
    drain();
    for (const auto& [id, seconds] : late_) {
      result_.late.push_back({{id}, seconds});
      result_.lateness_max = std::max(result_.lateness_max, seconds);
    }
    return std::move(result_);
  }

 private:
  bool is_placed(std::uint32_t id) const {
    for (ContainerId up{id}; up.valid(); up = arena_.world.parent(up)) {
      const Mount& mount = arena_.world.mount_of(up);
      const ContainerFlags flags = mount.tables->containers.flags[arena_.world.local_id(up)];
      if (has(flags, ContainerFlags::template_root)) return false;
    }
    return places_[id].kind != BoundsKind::none;
  }
  double way_to(std::uint32_t id) const {
    return distance_to(places_[id], at_) - static_cast<double>(places_[id].load_distance);
  }
  bool goes_on() {
    if (arena_.keeps_going && !arena_.keeps_going()) result_.stopped = true;
    return !result_.stopped;
  }

  void settle() {
    const Time until = now_ + Duration::from_seconds(kSettleSeconds);
    for (int idle = 0; idle < kIdleFrames && now_ < until && goes_on();) {
      streamer_.update(now_);
      now_ = now_ + frame_;
      idle = streamer_.idle() ? idle + 1 : 0;
    }
    look_around();
    for (const std::uint32_t id : near_) {
      const bool missing = way_to(id) <= 0 && streamer_.state({id}) != Residency::resident;
      if (missing) result_.settled = false;
    }
  }

  void fly() {
    const Time begin = now_;
    Time looked = now_;
    while ((now_ - begin).seconds() < attack_.seconds && goes_on()) {
      steer();
      now_ = now_ + frame_;
      at_ = at_ + way_ * (arena_.envelope.speed_max * frame_.seconds());
      streamer_.move_observer(
          observer_, {.position = at_, .velocity = way_ * arena_.envelope.speed_max}, now_);
      streamer_.update(now_);
      if ((now_ - looked).seconds() >= kLookEvery) {
        looked = now_;
        look_around();
      }
      check();
    }
  }

  // It stands, and what is late comes.
  void drain() {
    const Time until = now_ + Duration::from_seconds(kDrainSeconds);
    while (!since_.empty() && now_ < until && goes_on()) {
      now_ = now_ + frame_;
      streamer_.move_observer(observer_, {.position = at_, .velocity = {}}, now_);
      streamer_.update(now_);
      check();
    }
    for (const auto& [id, since] : since_) note_late(id, since);
  }

  void look_around() {
    const double ahead =
        arena_.envelope.speed_max * (arena_.supply.options.lookahead.seconds() + 1);
    near_.clear();
    for (std::uint32_t id = 0; id < places_.size(); ++id) {
      if (placed_[id] && way_to(id) <= ahead) near_.push_back(id);
    }
  }

  void note_late(std::uint32_t id, Time since) {
    double& worst = late_[id];
    worst = std::max(worst, (now_ - since).seconds());
  }

  // Does not ask the Streamer what is needed: that is what is being tried.
  void check() {
    for (const std::uint32_t id : near_) {
      const auto known = since_.find(id);
      const bool missing = way_to(id) <= 0 && streamer_.state({id}) != Residency::resident;
      if (missing && known == since_.end()) since_.emplace(id, now_);
      if (missing || known == since_.end()) continue;
      note_late(id, known->second);
      since_.erase(known);
    }
  }

  void steer() {
    if (attack_.manner == Manner::turning && prng_.chance(kTurnChance)) {
      way_ = any_way(prng_, std::abs(attack_.way.z) < 0.01);
    }
    if (attack_.manner != Manner::greedy) return;
    double nearest = std::numeric_limits<double>::infinity();
    for (const std::uint32_t id : near_) {
      const double metres = way_to(id);
      if (metres <= 0 || metres >= nearest) continue;
      if (streamer_.state({id}) == Residency::resident) continue;
      nearest = metres;
      way_ = unit(places_[id].center - at_);
    }
  }

  const Arena& arena_;
  const Attack& attack_;
  Streamer streamer_;
  Prng prng_;
  WorldPosition at_;
  WorldVector way_;
  Duration frame_;
  Time now_{1'000'000'000};
  ObserverId observer_;
  std::vector<Place> places_;
  std::vector<bool> placed_;
  std::vector<std::uint32_t> near_;
  std::map<std::uint32_t, Time> since_;   // needed and not there, since
  std::map<std::uint32_t, double> late_;  // worst
  AttackResult result_;
};

}  // namespace

Result<AttackResult> fly_against(const Arena& arena, const Attack& attack) {
  SimDevice device({.model = arena.supply.model,
                    .faults = {},
                    .seed = attack.seed,
                    .in_flight_max = arena.supply.options.reads_in_flight_max,
                    .read_size_max = arena.supply.options.read_size_max});
  StreamerOptions options = arena.supply.options;
  options.device = &device;
  options.decode_workers = 0;
  options.observers_max = 1;
  Source source = arena.source;
  if (!arena.content.empty()) source.file = device.add_memory_file(arena.content);
  Result<Streamer> streamer = Streamer::create(options);
  if (!streamer) return streamer.error();
  return Flyer(arena, attack, std::move(*streamer)).run(source);
}

std::vector<Attack> plan_attacks(const World& world, const Certificate& certificate,
                                 const Question& question, std::uint32_t count,
                                 std::uint64_t seed) {
  Prng prng(seed);
  std::vector<WorldPosition> centers;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::uint32_t id = 0; id < world.container_count(); ++id) {
    const Place place = world.place_in_space({id});
    if (place.kind == BoundsKind::none) continue;
    centers.push_back(place.center);
    low = std::min(low, place.center.z);
    high = std::max(high, place.center.z);
  }
  std::vector<Attack> attacks;
  if (centers.empty()) return attacks;
  const double ahead = question.envelope.speed_max * question.supply.options.lookahead.seconds();
  const bool flat = high - low < ahead / 8;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool at_spot = !certificate.worst.empty() && i % 4 != 3;
    const Spot* const spot =
        at_spot ? &certificate.worst[(i / 3) % certificate.worst.size()] : nullptr;
    const WorldPosition target = spot != nullptr && spot->first.valid()
                                     ? world.place_in_space(spot->first).center
                                     : centers[prng.below(centers.size())];
    Attack attack{.start = {},
                  .way = any_way(prng, flat),
                  .manner = static_cast<Manner>(i % 3),
                  .seconds = question.supply.options.lookahead.seconds() * 4,
                  .seed = prng.next()};
    if (spot != nullptr) {
      attack.start = spot->box.low + (spot->box.high - spot->box.low) * 0.5;
      attack.way = unit(target - attack.start);
    } else {
      attack.start = target + attack.way * (-1.3 * ahead);
    }
    attacks.push_back(attack);
  }
  return attacks;
}

}  // namespace nf::certify
