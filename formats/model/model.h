// Models: what was learnt from recorded movement, as bytes; model.md says how they lie.
//
// Pure but for `read_model`; any thread. What is refused is refused whole: the error's `at` is the
// byte that is wrong, `detail` a sentence without a subject. Memory grows with the bytes that are
// there, never with what they claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <nearfield/result.h>

#include "core/interest/need_blend.h"
#include "core/predict/learnt_ways.h"

namespace nf {

// How it was made.
struct ModelOrigin {
  std::uint64_t seed = 0;
  std::uint64_t groups = 0;
  std::uint64_t segments = 0;
  std::uint64_t candidates = 0;  // moments that those kept were chosen from
  std::uint64_t outcomes = 0;
  double seconds = 0;  // of movement

  friend bool operator==(const ModelOrigin&, const ModelOrigin&) = default;
};

struct Model {
  BlendWeights weights = untrained_weights();
  std::vector<LearntMoment> moments;
  ModelOrigin origin;
};

inline constexpr std::uint32_t kModelMomentsMax = 65536;
inline constexpr std::size_t kModelSizeDefault = 1u << 20;

std::size_t model_size(std::size_t moments);
// As many as fit a file of `bytes`.
std::uint32_t moments_within(std::size_t bytes);

// invalid_argument: numbers that a reader would refuse.
Result<std::vector<std::byte>> model_bytes(const Model& model);
Result<Model> parse_model(std::span<const std::byte> bytes, std::string& detail);
Result<Model> read_model(const std::string& path, std::string& detail);
// Whether they begin as a model does, of any version.
bool begins_like_model(std::span<const std::byte> front);

}  // namespace nf
