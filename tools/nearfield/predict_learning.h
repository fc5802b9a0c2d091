// PredictLearning: what `nearfield predict` gives those that foretell: the model that was named, or
// models of its own for each kind.
//
// Main thread; evaluation's workers ask `learnt_for`. Outlives the policies.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/nearfield/commands.h"
#include "tools/predict/cross_training.h"

namespace nf {

class PredictLearning {
 public:
  // Reads the model, or looks what there is to learn from; neither, if neither was asked for.
  ExitCode prepare(const PredictArgs& args, Console& console);
  // Learns for what is to be tested, if that was asked for. What it could not do is added to
  // `notes`.
  ExitCode learn(const std::vector<predict::Segment>& tested, const PredictArgs& args,
                 unsigned threads, std::vector<std::string>& notes, Console& console);

  // Null: without.
  const LearntNeeds* learnt_for(const std::string& group) const;
  const LearntNeeds* given() const { return given_.get(); }

 private:
  std::unique_ptr<LearntNeeds> given_;
  std::vector<predict::TraceFile> recorded_;
  std::optional<predict::CrossTraining> trained_;  // of the kind that is evaluated
};

}  // namespace nf
