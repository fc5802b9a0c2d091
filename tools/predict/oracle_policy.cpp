#include "tools/predict/oracle_policy.h"

#include <limits>

#include "core/base/assert.h"
#include "tools/predict/scenario.h"

namespace nf::predict {
namespace {

// More than a disk reads in one update.
constexpr std::size_t kWantedMax = 96;

float score_in(double seconds) {
  return static_cast<float>(1 / (1 + seconds));
}

}  // namespace

void OraclePolicy::begin(const TraceInfo&) {
  scenario_ = nullptr;
  need_at_ = 0;
  held_.begin();
}

void OraclePolicy::foresee(const Scenario& scenario) {
  scenario_ = &scenario;
  const std::size_t count = scenario.containers.size();
  first_.assign(count + 1, 0);
  for (const Need& need : scenario.needs) ++first_[need.container + 1];
  for (std::size_t id = 0; id < count; ++id) {
    first_[id + 1] += first_[id];
    held_.add_container();
  }
  at_.assign(first_.begin(), first_.end() - 1);
  starts_.resize(scenario.needs.size());
  std::vector<std::uint32_t> fill = at_;
  for (const Need& need : scenario.needs) starts_[fill[need.container]++] = need.from;
}

double OraclePolicy::next_need(std::uint32_t id, double now) {
  std::uint32_t& at = at_[id];
  while (at < first_[id + 1] && starts_[at] <= now) ++at;
  return at < first_[id + 1] ? starts_[at] : std::numeric_limits<double>::infinity();
}

void OraclePolicy::update(double seconds, WorldPosition, Answer& answer) {
  NF_ASSERT(scenario_ != nullptr);
  const std::vector<Need>& needs = scenario_->needs;
  while (need_at_ < needs.size() && needs[need_at_].from <= seconds) ++need_at_;
  for (std::size_t i = need_at_; i < needs.size() && answer.want.size() < kWantedMax; ++i) {
    const double ahead = needs[i].from - seconds;
    if (ahead > horizon_) break;
    if (held_.lacks_bytes(needs[i].container)) {
      answer.want.push_back({needs[i].container, score_in(ahead)});
    }
  }
  for (const std::uint32_t id : held_.ids()) {
    answer.keep.push_back({id, score_in(next_need(id, seconds) - seconds)});
  }
}

}  // namespace nf::predict
