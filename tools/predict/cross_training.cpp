#include "tools/predict/cross_training.h"

#include <algorithm>

namespace nf::predict {
namespace {

constexpr std::size_t kFoldsMax = 4;

std::vector<std::string> groups_in_order(const std::vector<Segment>& segments) {
  std::vector<std::string> groups;
  for (const Segment& segment : segments) {
    if (groups.empty() || groups.back() != segment.group) groups.push_back(segment.group);
  }
  return groups;
}

}  // namespace

CrossTraining CrossTraining::train(const std::vector<Segment>& tested, const KindTraces& recorded,
                                   const CrossTrainingOptions& options) {
  CrossTraining trained;
  const std::vector<std::string> groups = groups_in_order(tested);
  const bool shared =
      std::any_of(recorded.segments.begin(), recorded.segments.end(), [&](const Segment& segment) {
        return std::find(groups.begin(), groups.end(), segment.group) != groups.end();
      });
  const std::size_t folds = shared ? std::min(kFoldsMax, groups.size()) : 1;
  // The groups come in an order drawn from a seed, so that dealing them round is fair.
  for (std::size_t i = 0; i < groups.size(); ++i) trained.fold_of_[groups[i]] = i % folds;
  LearningOptions learning = options.learning;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    if (options.learning.progress) {
      learning.progress = [&](std::uint64_t done, std::uint64_t all) {
        return options.learning.progress(fold * all + done, folds * all);
      };
    }
    KindTraces others = recorded;
    std::erase_if(others.segments, [&](const Segment& segment) {
      const auto found = trained.fold_of_.find(segment.group);
      return found != trained.fold_of_.end() && found->second == fold;
    });
    const std::vector<Segment> segments =
        choose_segments(others, {.seconds = options.seconds, .seed = learning.seed});
    trained.models_.emplace_back();
    if (segments.empty()) {
      trained.groups_least_ = 0;
      continue;
    }
    const Learnt learnt = learn(segments, learning);
    trained.stopped_ = learnt.stopped;
    if (learnt.stopped) return trained;
    trained.models_.back() = std::make_unique<LearntNeeds>(
        LearntNeeds{.weights = learnt.model.weights, .ways = LearntWays(learnt.model.moments)});
    const std::uint64_t seen = learnt.model.origin.groups;
    trained.groups_least_ = fold == 0 ? seen : std::min(trained.groups_least_, seen);
  }
  return trained;
}

const LearntNeeds* CrossTraining::model_for(const std::string& group) const {
  const auto found = fold_of_.find(group);
  return found == fold_of_.end() ? nullptr : models_[found->second].get();
}

}  // namespace nf::predict
