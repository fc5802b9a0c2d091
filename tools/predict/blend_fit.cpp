#include "tools/predict/blend_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nf::predict {
namespace {

constexpr std::size_t kWeights = kBlendInputs;
// Outcomes that the untrained weights count as, loosest first; beyond the last, as all there are.
constexpr std::array<double, 3> kStrengths = {100, 1000, 10'000};
constexpr std::size_t kChoices = kStrengths.size() + 1;
constexpr std::uint32_t kFolds = 4;
constexpr int kNewtonSteps = 8;
constexpr double kStepMax = 1;  // of a weight
constexpr double kStepLeast = 1e-6;
constexpr double kWeightMax = 20;

using Weights = std::array<double, kWeights>;
using Matrix = std::array<Weights, kWeights>;  // its lower half

Weights untrained(std::size_t horizon) {
  static const BlendWeights weights = untrained_weights();
  Weights of;
  std::copy(weights.of[horizon].begin(), weights.of[horizon].end(), of.begin());
  return of;
}

double log_odds_of(const Weights& weights, const std::array<float, kBlendInputs>& input) {
  double sum = 0;
  for (std::size_t i = 0; i < kWeights; ++i) sum += weights[i] * static_cast<double>(input[i]);
  return sum;
}

// What is solved for each step: slopes and curvatures of the loss, the prior's included.
struct Normal {
  Matrix curvature{};
  Weights slope{};
};

void add_outcome(const Weights& weights, const std::array<float, kBlendInputs>& input, bool needed,
                 Normal& normal) {
  const double said = 1 / (1 + std::exp(-log_odds_of(weights, input)));
  const double error = said - (needed ? 1 : 0), sure = said * (1 - said);
  for (std::size_t i = 0; i < kWeights; ++i) {
    const double at = static_cast<double>(input[i]);
    normal.slope[i] += error * at;
    for (std::size_t j = 0; j <= i; ++j) {
      normal.curvature[i][j] += sure * at * static_cast<double>(input[j]);
    }
  }
}

// By Cholesky's decomposition: the prior keeps it positive.
Weights solve(Matrix a, Weights b) {
  for (std::size_t i = 0; i < kWeights; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j][j];
    }
  }
  for (std::size_t i = 0; i < kWeights; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = kWeights; i-- > 0;) {
    for (std::size_t k = i + 1; k < kWeights; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

struct Question {
  std::span<const Outcome> outcomes;
  std::size_t horizon = 0;
  std::uint32_t left_out = kFolds;  // this fold of groups; kFolds: none

  bool is_left_out(const Outcome& outcome) const { return outcome.group % kFolds == left_out; }
  bool is_known(const Outcome& outcome) const { return outcome.came[horizon] != Came::unknown; }
};

Weights fit(const Question& question, double strength, Weights weights) {
  const Weights prior = untrained(question.horizon);
  for (int step = 0; step < kNewtonSteps; ++step) {
    Normal normal;
    for (std::size_t i = 0; i < kWeights; ++i) {
      normal.curvature[i][i] = strength;
      normal.slope[i] = strength * (weights[i] - prior[i]);
    }
    for (const Outcome& outcome : question.outcomes) {
      if (!question.is_known(outcome) || question.is_left_out(outcome)) continue;
      add_outcome(weights, outcome.input.of[question.horizon],
                  outcome.came[question.horizon] == Came::needed, normal);
    }
    const Weights change = solve(normal.curvature, normal.slope);
    double largest = 0;
    for (const double one : change) largest = std::max(largest, std::abs(one));
    const double held = largest > kStepMax ? kStepMax / largest : 1;
    for (std::size_t i = 0; i < kWeights; ++i) {
      weights[i] = std::clamp(weights[i] - held * change[i], -kWeightMax, kWeightMax);
    }
    if (largest < kStepLeast) break;
  }
  return weights;
}

// Of what was left out; a sum.
double loss_of(const Question& question, const Weights& weights) {
  double sum = 0;
  for (const Outcome& outcome : question.outcomes) {
    if (!question.is_known(outcome) || !question.is_left_out(outcome)) continue;
    const double odds = log_odds_of(weights, outcome.input.of[question.horizon]);
    const double wrong = outcome.came[question.horizon] == Came::needed ? -odds : odds;
    sum += wrong > 30 ? wrong : std::log1p(std::exp(wrong));
  }
  return sum;
}

struct HorizonFit {
  std::array<Weights, kChoices> weights{};  // from all groups
  std::array<double, kChoices> loss{};      // of those left out, a mean
};

HorizonFit fit_horizon(std::span<const Outcome> outcomes, std::size_t horizon) {
  HorizonFit found;
  Question question{.outcomes = outcomes, .horizon = horizon};
  double known = 0;
  for (const Outcome& outcome : outcomes) known += question.is_known(outcome) ? 1 : 0;
  const double each = known > 0 ? 1 / known : 0;
  for (std::uint32_t fold = 0; fold <= kFolds; ++fold) {
    question.left_out = fold;
    Weights weights = untrained(horizon);
    for (std::size_t choice = kChoices; choice-- > 0;) {
      if (choice < kStrengths.size()) weights = fit(question, kStrengths[choice], weights);
      if (fold == kFolds) {
        found.weights[choice] = weights;
      } else {
        found.loss[choice] += each * loss_of(question, weights);
      }
    }
  }
  return found;
}

}  // namespace

BlendFit fit_blend(std::span<const Outcome> outcomes, std::uint32_t groups, Workers& workers) {
  BlendFit found{.weights = untrained_weights()};
  // With one group nothing can be left out, and nothing says what its teaching is worth.
  if (groups < 2 || outcomes.empty()) return found;
  std::array<HorizonFit, kHorizons> fits;
  found.stopped =
      !workers.run(kHorizons, [&](std::size_t h) { fits[h] = fit_horizon(outcomes, h); });
  if (found.stopped) return found;
  std::array<double, kChoices> loss{};
  for (const HorizonFit& fit : fits) {
    for (std::size_t choice = 0; choice < kChoices; ++choice) loss[choice] += fit.loss[choice];
  }
  std::size_t best = kChoices - 1;
  for (std::size_t choice = kChoices; choice-- > 0;) {
    if (loss[choice] < loss[best]) best = choice;
  }
  found.loss_untrained = loss[kChoices - 1];
  found.loss = loss[best];
  if (best == kChoices - 1) return found;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    for (std::size_t i = 0; i < kWeights; ++i) {
      found.weights.of[h][i] = static_cast<float>(fits[h].weights[best][i]);
    }
  }
  return found;
}

}  // namespace nf::predict
