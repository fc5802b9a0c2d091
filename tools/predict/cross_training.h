// CrossTraining: models for the tested groups of one kind, none of which has seen the group that it
// is tested on.
//
// Any thread; starts workers of its own and joins them. The tested groups are dealt into folds; the
// model of a fold learns from all that was recorded but the groups of the fold.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/interest/need_forecast.h"
#include "tools/predict/learning.h"

namespace nf::predict {

struct CrossTrainingOptions {
  double seconds = 3600;  // of recorded movement for each model
  LearningOptions learning;
};

class CrossTraining {
 public:
  // `recorded` is of the same kind as what is tested, and may hold the same groups.
  static CrossTraining train(const std::vector<Segment>& tested, const KindTraces& recorded,
                             const CrossTrainingOptions& options);

  // Null: there is nothing that was recorded of others.
  const LearntNeeds* model_for(const std::string& group) const;
  bool stopped() const { return stopped_; }
  // The fewest groups that a model learnt from.
  std::uint64_t groups_least() const { return groups_least_; }

 private:
  std::vector<std::unique_ptr<LearntNeeds>> models_;  // by fold; null: nothing to learn from
  std::map<std::string, std::size_t> fold_of_;        // by tested group
  std::uint64_t groups_least_ = 0;
  bool stopped_ = false;
};

}  // namespace nf::predict
