#include "tools/certify/certify.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/interest/eyes.h"
#include "tools/certify/surroundings.h"

namespace nf::certify {
namespace {

// Parts of the lookahead within which it is asked what can be needed and loaded. What is near in
// time goes first whatever else waits, so that a shorter time may prove what a longer one does not.
constexpr double kWithin[] = {1, 0.5, 0.25, 0.7, 0.125};
constexpr double kPassesMax = 12;
constexpr int kRoundsMax = 6;
constexpr double kPartsOfReach = 16;  // the smallest boxes are such a part of the way ahead
constexpr double kDecidedAt = 8;      // times the smallest: where even the centre alone is too much
constexpr double kLargerFree = 17.0 / 16;  // a free piece so much longer is found (SpanAllocator)
constexpr std::size_t kSpotsGathered = 4096;
constexpr std::size_t kSpotsTold = 32;
constexpr std::uint64_t kBoxesBetweenReports = 256;

struct Box {
  WorldBox box;
  std::uint32_t first = 0;  // of its candidates on the stack of lists
  double share = 1;         // of all the work
};

bool higher(const Spot& a, const Spot& b) {
  const auto rank = [](const Spot& spot) { return spot.cause == Cause::deadline ? 0 : 1; };
  if (rank(a) != rank(b)) return rank(a) > rank(b);
  return a.seconds > b.seconds;
}

WorldPosition center_of(const WorldBox& box) {
  return box.low + (box.high - box.low) * 0.5;
}

// In two across its widest side.
std::pair<WorldBox, WorldBox> halves(const WorldBox& box) {
  std::pair<WorldBox, WorldBox> made{box, box};
  const WorldVector size = box.high - box.low;
  const WorldPosition middle = center_of(box);
  if (size.x >= size.y && size.x >= size.z) {
    made.first.high.x = made.second.low.x = middle.x;
  } else if (size.y >= size.z) {
    made.first.high.y = made.second.low.y = middle.y;
  } else {
    made.first.high.z = made.second.low.z = middle.z;
  }
  return made;
}

// Of `blocks` spans with the largest not yet among them, the rest leaves as many holes at most. One
// of them is large enough if all together are as large as that many that are not.
double surely_enough(const View& view) {
  if (view.blocks == 0) return 0;
  return view.memory - view.largest + view.blocks * view.largest * kLargerFree;
}

// What one pass over all places tries to prove.
enum class Proof {
  room,    // what is wanted at one time fits into memory and lists
  within,  // what can be needed within a certain time can be loaded within it, whatever went before
  order,   // what comes within reach is loaded before it is needed, and what was there is loaded
};

class Survey {
 public:
  Survey(const World& world, const Question& question);
  Certificate run();

 private:
  struct Judgement {
    double lateness = 0;  // seconds; negative: left over
    bool carries = false;
    Cause cause = Cause::none;
    bool good() const { return cause == Cause::none; }
  };

  bool pass(Proof proof);
  void take(std::vector<Spot>& spots);
  bool prove_deadlines();
  bool prove_together();
  bool any_left() const;
  void draw_conclusions(bool first);
  bool matters(const View& view) const;
  void visit(const Box& box);
  void measure(const View& view);
  void close(const Box& box);
  bool keeps_going();
  Judgement judge(const View& view, bool detailed);
  Judgement judge_order(const View& view);
  Judgement judge_room(const View& view) const;
  double blocking(const View& view, double others) const;
  void condemn(const View& view, const Judgement& judgement, const WorldBox& box);
  void raise(std::uint32_t id, double seconds, Cause cause);
  bool fits(std::uint32_t id) const;
  void finish();

  const Question& question_;
  const StreamerOptions& options_;
  Memory division_;
  Demands demands_;
  Surroundings surroundings_;
  std::uint64_t boxes_ = 0;  // in this pass
  double lead_ = 0;          // seconds from being wanted to being needed, at least
  double piece_ = 0;         // seconds
  double resolution_ = 0;
  Proof proof_ = Proof::room;
  double within_ = 0;  // seconds
  bool carries_ = false;
  double done_ = 0;
  int passes_ = 0;
  double pass_slack_ = 0;
  std::vector<double> late_;          // by container: in this pass; 0 or less: not
  std::vector<bool> is_settled_;      // nothing is left to prove, or it does not matter
  std::vector<std::uint32_t> lists_;  // candidates of the boxes that wait
  std::vector<Box> waiting_;
  std::vector<Spot> spots_;      // of this pass
  std::vector<Spot> worst_;      // of the pass that left the fewest
  std::vector<double> late_by_;  // of View::entering, in order
  Certificate made_;
};

Survey::Survey(const World& world, const Question& question)
    : question_(question),
      options_(question.supply.options),
      division_(divide_memory(options_)),
      demands_(demands_of(world, question.supply)),
      surroundings_(world, demands_, reaches_of(question.envelope, options_.lookahead),
                    static_cast<double>(options_.hysteresis)) {
  lead_ = options_.lookahead.seconds() - question.supply.frame_seconds;
  piece_ = piece_seconds(options_.lookahead);
  const double ahead = question.envelope.speed_max * options_.lookahead.seconds();
  resolution_ = question.resolution > 0 ? question.resolution : ahead / kPartsOfReach;
  made_.bounds.resize(world.container_count());
  made_.slack = lead_;
  is_settled_.resize(world.container_count());
  for (std::uint32_t id = 0; id < is_settled_.size(); ++id) {
    const bool asked = !question.about.first.valid() || question.about.contains({id});
    is_settled_[id] = !asked || !surroundings_.is_placed(id);
  }
}

// What goes before something urgent although it is not, and what everything takes besides. Where
// all loads that may be on their way are, one of them has to end: the disk goes on with the one
// that is needed soonest.
double Survey::blocking(const View& view, double others) const {
  const double largest = proof_ == Proof::within ? view.later_largest : view.listed_largest;
  const double slot = view.loaded_most > demands_.prefetch_loads ? largest : 0;
  return std::min(std::max(0.0, others), demands_.blocking + slot) + demands_.overhead;
}

// What is due first is loaded first. So what enters `at` or before, and what was there, is to be
// loaded within `at` and the lead. Only until as much time has passed as what entered asks: from
// there on the reckoning begins anew, at another place.
Survey::Judgement Survey::judge_order(const View& view) {
  std::sort(view.entering.begin(), view.entering.end());
  const std::size_t count = view.entering.size();
  late_by_.assign(count, -std::numeric_limits<double>::infinity());
  Judgement judgement{.lateness = -lead_, .carries = true};
  double sum = 0;
  double others = view.listed_demand;
  std::size_t end = 0;
  while (end < count && view.entering[end].at <= piece_) {
    const Entering& entering = view.entering[end];
    if (sum < entering.at) {
      judgement.carries = false;
      break;
    }
    sum += entering.demand;
    if (entering.listed) others -= entering.demand;
    late_by_[end] = sum + blocking(view, others) - entering.at - lead_;
    judgement.lateness = std::max(judgement.lateness, late_by_[end]);
    ++end;
  }
  if (sum <= piece_) judgement.carries = false;
  for (std::size_t i = end; i-- > 1;) late_by_[i - 1] = std::max(late_by_[i - 1], late_by_[i]);
  if (judgement.lateness > 0 || judgement.carries) judgement.cause = Cause::deadline;
  return judgement;
}

Survey::Judgement Survey::judge_room(const View& view) const {
  if (view.memory > division_.containers) return {.cause = Cause::memory};
  if (surely_enough(view) > division_.containers && !question_.ignore_holes) {
    return {.cause = Cause::holes};
  }
  const bool full = view.listed > options_.wanted_per_observer_max ||
                    view.ids.size() > options_.active_max || view.eyes > Eyes::kEyesPerObserverMax;
  return {.cause = full ? Cause::limit : Cause::none};
}

// `detailed`: although a sum alone says that all is well.
Survey::Judgement Survey::judge(const View& view, bool detailed) {
  if (proof_ == Proof::room) return judge_room(view);
  if (proof_ == Proof::within) {
    const double others = view.listed_demand - view.due_demand;
    const double late = view.due_demand + blocking(view, others) - within_;
    return {.lateness = late, .cause = late > 0 ? Cause::deadline : Cause::none};
  }
  const double lateness = view.entering_demand + blocking(view, view.others_demand) - lead_;
  if (!detailed && lateness <= 0 && view.entering_demand <= piece_) return {.lateness = lateness};
  return judge_order(view);
}

void Survey::raise(std::uint32_t id, double seconds, Cause cause) {
  late_[id] = std::max(late_[id], seconds);
  if (cause != Cause::deadline) {
    made_.bounds[id].cause = std::max(made_.bounds[id].cause, cause);
    is_settled_[id] = true;
  }
}

// Writes down what can be late from a box that is not halved any more.
void Survey::condemn(const View& view, const Judgement& judgement, const WorldBox& box) {
  carries_ |= judgement.carries;
  Spot spot{.box = box,
            .seconds = std::max(0.0, judgement.lateness),
            .cause = judgement.cause,
            .first = {}};
  double highest = 0;
  const auto accuse = [&](std::uint32_t id, double seconds, double weight) {
    raise(id, seconds, judgement.cause);
    if (!surroundings_.is_placed(id) || weight < highest) return;
    if (is_settled_[id] && judgement.cause == Cause::deadline) return;
    highest = weight;
    spot.first = {id};
  };
  if (judgement.cause != Cause::deadline) {
    for (const std::uint32_t id : view.ids) {
      accuse(id, 0, static_cast<double>(demands_.memory[id]));
    }
  } else if (proof_ == Proof::within) {
    for (const std::uint32_t id : view.ids) {
      if (surroundings_.is_due(id)) {
        accuse(id, judgement.lateness, static_cast<double>(demands_.seconds[id]));
      }
    }
  } else {
    for (std::size_t i = 0; i < view.entering.size(); ++i) {
      if (late_by_[i] > 0) accuse(view.entering[i].id, late_by_[i], late_by_[i]);
    }
  }
  if (!spot.first.valid()) return;
  spots_.push_back(spot);
  if (spots_.size() < 2 * kSpotsGathered) return;
  std::nth_element(spots_.begin(), spots_.begin() + kSpotsGathered, spots_.end(), higher);
  spots_.resize(kSpotsGathered);
}

void Survey::measure(const View& view) {
  made_.memory_most = std::max(made_.memory_most, view.memory);
  made_.memory_surely = std::max(made_.memory_surely, surely_enough(view));
  made_.listed_most = std::max(made_.listed_most, view.listed);
  made_.eyes_most = std::max(made_.eyes_most, view.eyes);
}

void Survey::close(const Box& box) {
  done_ += box.share;
}

void Survey::visit(const Box& box) {
  const WorldPosition center = center_of(box.box);
  const double radius = length(box.box.high - box.box.low) / 2;
  const std::vector<std::uint32_t> candidates(lists_.begin() + box.first, lists_.end());
  lists_.resize(box.first);
  std::vector<std::uint32_t> near;
  const View view = surroundings_.look(candidates, center, radius, &near);
  ++made_.boxes;
  ++boxes_;
  if (view.ids.empty()) return close(box);
  const Judgement judgement = judge(view, false);
  if (proof_ == Proof::within && !matters(view)) return close(box);
  if (judgement.good()) {
    pass_slack_ = std::min(pass_slack_, -judgement.lateness);
    if (proof_ == Proof::room) measure(view);
    return close(box);
  }
  const double side = widest_side(box.box);
  const bool full = boxes_ + waiting_.size() >= question_.boxes_max;
  bool final = side <= resolution_ || full;
  if (!final && side <= kDecidedAt * resolution_) {
    final = !judge(surroundings_.look(near, center, 0, nullptr), false).good();
  }
  if (final) {
    made_.coarse |= full && side > resolution_;
    const View last = surroundings_.look(near, center, radius, nullptr);
    const Judgement again = judge(last, true);
    if (proof_ == Proof::room) measure(last);
    condemn(last, again, box.box);
    return close(box);
  }
  // The list of the one that is visited first lies on top.
  const auto [low, high] = halves(box.box);
  for (const WorldBox& half : {low, high}) {
    waiting_.push_back(
        {.box = half, .first = static_cast<std::uint32_t>(lists_.size()), .share = box.share / 2});
    lists_.insert(lists_.end(), near.begin(), near.end());
  }
}

bool Survey::keeps_going() {
  if (!question_.progress || made_.boxes % kBoxesBetweenReports != 0) return true;
  // Passes that are saved go by at once at the end.
  return question_.progress(std::min(1.0, (passes_ - 1 + done_) / kPassesMax));
}

// Whether anything that can be due there is left to prove.
bool Survey::matters(const View& view) const {
  return std::any_of(view.ids.begin(), view.ids.end(), [&](std::uint32_t id) {
    return !is_settled_[id] && surroundings_.is_due(id);
  });
}

// Over all places. False if it was stopped.
bool Survey::pass(Proof proof) {
  proof_ = proof;
  ++passes_;
  surroundings_.set_due_within(within_);
  surroundings_.set_counts_eyes(proof == Proof::room);
  spots_.clear();
  late_.assign(made_.bounds.size(), 0);
  pass_slack_ = lead_;
  lists_ = surroundings_.placed();
  waiting_.assign(1, {.box = surroundings_.bounds()});
  done_ = 0;
  boxes_ = 0;
  if (lists_.empty()) return true;
  while (!waiting_.empty()) {
    const Box box = waiting_.back();
    waiting_.pop_back();
    visit(box);
    if (!keeps_going()) return false;
    if (carries_) return true;
  }
  return true;
}

bool Survey::fits(std::uint32_t id) const {
  const auto alone = [&](std::uint32_t one) { return demands_.fits(one, division_); };
  const std::span<const std::uint32_t> needs = surroundings_.dependencies(id);
  return alone(id) && std::all_of(needs.begin(), needs.end(), alone);
}

void Survey::finish() {
  for (std::uint32_t id = 0; id < made_.bounds.size(); ++id) {
    Bound& bound = made_.bounds[id];
    const bool asked = !question_.about.first.valid() || question_.about.contains({id});
    if (!surroundings_.is_placed(id) || !asked) {
      bound = {};
      continue;
    }
    if (!fits(id)) bound = {.seconds = 0, .cause = Cause::memory};
    ++made_.asked;
    made_.safe += bound.cause == Cause::none ? 1 : 0;
    made_.lateness_max = std::max(made_.lateness_max, bound.seconds);
  }
  take(worst_);
}

// Of all spots the highest, from places that are apart.
void Survey::take(std::vector<Spot>& spots) {
  std::sort(spots.begin(), spots.end(), higher);
  const double apart = question_.envelope.speed_max * options_.lookahead.seconds() / 2;
  for (const Spot& spot : spots) {
    if (made_.worst.size() == kSpotsTold) break;
    if (made_.bounds[spot.first.value].cause == Cause::none) continue;
    const bool is_near = std::any_of(made_.worst.begin(), made_.worst.end(), [&](const Spot& told) {
      return length(center_of(told.box) - center_of(spot.box)) < apart;
    });
    if (!is_near) made_.worst.push_back(spot);
  }
}

bool Survey::any_left() const {
  return std::find(is_settled_.begin(), is_settled_.end(), false) != is_settled_.end();
}

// What the pass has left unproven keeps the lowest of its bounds.
void Survey::draw_conclusions(bool first) {
  bool any = false;
  for (std::uint32_t id = 0; id < late_.size(); ++id) {
    if (is_settled_[id]) continue;
    Bound& bound = made_.bounds[id];
    if (late_[id] > 0) {
      bound.seconds = first ? late_[id] : std::min(bound.seconds, late_[id]);
      bound.cause = Cause::deadline;
    } else {
      bound = {};
      is_settled_[id] = any = true;
    }
  }
  if (any) made_.slack = std::min(made_.slack, pass_slack_);
  if (first || spots_.size() < worst_.size()) worst_ = spots_;
}

// Were any of these late, look at the first time that one is: what was needed before then was
// there, and need not be loaded. So if none can be late where that is taken for granted, none ever
// is. Those that can be are left out, and the rest is asked once more.
bool Survey::prove_together() {
  const std::vector<bool> before = is_settled_;
  std::vector<bool> in_time(made_.bounds.size());
  for (std::uint32_t id = 0; id < in_time.size(); ++id) {
    in_time[id] =
        surroundings_.is_placed(id) && made_.bounds[id].cause <= Cause::deadline && fits(id);
  }
  surroundings_.trust(&in_time);
  double slack = lead_;
  bool steady = false;
  for (int round = 0; round < kRoundsMax && !steady; ++round) {
    slack = lead_;
    for (std::uint32_t id = 0; id < in_time.size(); ++id) is_settled_[id] = !in_time[id];
    for (const double part : kWithin) {
      if (!any_left()) break;
      within_ = part * options_.lookahead.seconds();
      if (!pass(Proof::within)) return false;
      slack = std::min(slack, pass_slack_);
      for (std::uint32_t id = 0; id < late_.size(); ++id) {
        if (!(late_[id] > 0)) is_settled_[id] = true;
      }
    }
    steady = !any_left();
    for (std::uint32_t id = 0; id < in_time.size(); ++id) {
      if (!is_settled_[id]) in_time[id] = false;
    }
  }
  surroundings_.trust(nullptr);
  is_settled_ = before;
  if (!steady) return true;
  made_.slack = std::min(made_.slack, slack);
  for (std::uint32_t id = 0; id < in_time.size(); ++id) {
    if (!in_time[id]) continue;
    made_.bounds[id] = {};
    is_settled_[id] = true;
  }
  return true;
}

bool Survey::prove_deadlines() {
  bool first = true;
  for (const double part : kWithin) {
    if (!any_left()) return true;
    within_ = part * options_.lookahead.seconds();
    if (!pass(Proof::within)) return false;
    draw_conclusions(first);
    first = false;
  }
  if (any_left() && !prove_together()) return false;
  if (!any_left()) return true;
  if (!pass(Proof::order)) return false;
  // Where more comes within reach than is loaded meanwhile, all along, what is left over there goes
  // with the observer wherever it turns: then this proves nothing.
  made_.carries = carries_;
  if (!carries_) draw_conclusions(false);
  return true;
}

Certificate Survey::run() {
  bool whole = pass(Proof::room);
  worst_ = spots_;
  const std::vector<Spot> cramped = spots_;
  whole = whole && prove_deadlines();
  worst_.insert(worst_.end(), cramped.begin(), cramped.end());
  made_.stopped = !whole;
  finish();
  return std::move(made_);
}

}  // namespace

Certificate certify(const World& world, const Question& question) {
  return Survey(world, question).run();
}

}  // namespace nf::certify
