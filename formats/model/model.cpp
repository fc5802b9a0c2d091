#include "formats/model/model.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/codec/codec.h"
#include "formats/model/model_format.h"
#include "formats/wire/bytes.h"

namespace nf {
namespace {

using wire::ModelHeader;
using wire::ModelMoment;
using wire::ModelWeights;

static_assert(wire::kModelHorizons == kHorizons && wire::kModelInputs == kBlendInputs);
static_assert(wire::kModelWay == kWayFeatures);

constexpr std::size_t kBodyAt = sizeof(ModelHeader);
constexpr std::size_t kMomentsAt = kBodyAt + sizeof(ModelWeights);
constexpr std::size_t kModelFileMax = kMomentsAt + kModelMomentsMax * sizeof(ModelMoment);
constexpr float kWeightMax = 100;
constexpr float kLengthMax = 1e4F;

Error refuse(std::string& detail, ErrorCode code, std::size_t at, std::string sentence) {
  detail = std::move(sentence);
  return {.code = code, .subject_kind = Subject::field, .at = at};
}

bool within(float value, float most) {
  return std::abs(value) <= most;  // what is no number is not
}

// The fields between version and body, once the header's checksum holds.
Error check_header(const ModelHeader& header, std::size_t file_size, std::string& detail) {
  const auto wrong = [&](ErrorCode code, std::size_t at, const char* sentence) {
    return refuse(detail, code, at, sentence);
  };
  if (header.features_required != 0) {
    return wrong(ErrorCode::feature_unsupported, offsetof(ModelHeader, features_required),
                 "needs a feature that this reader lacks");
  }
  if (header.header_size != sizeof(ModelHeader) || header.horizon_count != kHorizons ||
      header.input_count != kBlendInputs || header.way_count != kWayFeatures) {
    return wrong(ErrorCode::field_out_of_range, offsetof(ModelHeader, header_size),
                 "is not laid out as version 1 is");
  }
  if (header.moment_count > kModelMomentsMax) {
    return wrong(ErrorCode::limit_exceeded, offsetof(ModelHeader, moment_count),
                 "claims more than 65536 moments");
  }
  if (header.file_size != model_size(header.moment_count) || header.file_size != file_size) {
    return wrong(ErrorCode::file_size_mismatch, offsetof(ModelHeader, file_size),
                 "is not as long as its header says: it was cut, or has grown");
  }
  if (header.candidate_count < header.moment_count) {
    return wrong(ErrorCode::field_out_of_range, offsetof(ModelHeader, candidate_count),
                 "claims more moments than it chose from");
  }
  if (!std::isfinite(header.seconds) || header.seconds < 0) {
    return wrong(ErrorCode::field_out_of_range, offsetof(ModelHeader, seconds),
                 "claims a time that is none");
  }
  if (header.reserved != 0) {
    return wrong(ErrorCode::reserved_not_zero, offsetof(ModelHeader, reserved),
                 "has bytes that should be zero");
  }
  return {};
}

template <class Wire, class Plain>
bool copy_numbers(const Wire& from, Plain& to, float most) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] = from[i];
    if (!within(to[i], most)) return false;
  }
  return true;
}

Error read_body(ByteReader& reader, std::uint32_t moments, Model& model, std::string& detail) {
  const auto wrong = [&](std::size_t at, const char* sentence) {
    return refuse(detail, ErrorCode::field_out_of_range, at, sentence);
  };
  const auto weights = reader.read<ModelWeights>();
  for (std::size_t h = 0; h < kHorizons; ++h) {
    if (!copy_numbers(weights[h], model.weights.of[h], kWeightMax)) {
      return wrong(kBodyAt, "has a weight that is no number, or too large");
    }
  }
  model.moments.resize(moments);
  for (LearntMoment& moment : model.moments) {
    const std::size_t at = reader.at();
    const auto stored = reader.read<ModelMoment>();
    if (!copy_numbers(stored.way, moment.way, kLengthMax) ||
        !copy_numbers(stored.after, moment.after, kLengthMax)) {
      return wrong(at, "has a moment with a length that is no number, or too large");
    }
  }
  return {};
}

bool may_be_written(const Model& model) {
  const auto all_within = [](const auto& numbers, float most) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [most](float value) { return within(value, most); });
  };
  return model.moments.size() <= kModelMomentsMax &&
         model.moments.size() <= model.origin.candidates && std::isfinite(model.origin.seconds) &&
         model.origin.seconds >= 0 &&
         std::all_of(model.weights.of.begin(), model.weights.of.end(),
                     [&](const auto& horizon) { return all_within(horizon, kWeightMax); }) &&
         std::all_of(model.moments.begin(), model.moments.end(), [&](const LearntMoment& moment) {
           return all_within(moment.way, kLengthMax) && all_within(moment.after, kLengthMax);
         });
}

void write_body(ByteWriter& writer, const Model& model) {
  ModelWeights weights;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    for (std::size_t i = 0; i < kBlendInputs; ++i) weights[h][i] = model.weights.of[h][i];
  }
  writer.write(weights);
  for (const LearntMoment& moment : model.moments) {
    ModelMoment stored;
    for (std::size_t i = 0; i < kWayFeatures; ++i) stored.way[i] = moment.way[i];
    for (std::size_t i = 0; i < moment.after.size(); ++i) stored.after[i] = moment.after[i];
    writer.write(stored);
  }
}

}  // namespace

std::size_t model_size(std::size_t moments) {
  return kMomentsAt + moments * sizeof(ModelMoment);
}

std::uint32_t moments_within(std::size_t bytes) {
  if (bytes < kMomentsAt) return 0;
  const std::size_t count = (bytes - kMomentsAt) / sizeof(ModelMoment);
  return static_cast<std::uint32_t>(std::min<std::size_t>(count, kModelMomentsMax));
}

Result<std::vector<std::byte>> model_bytes(const Model& model) {
  if (!may_be_written(model)) return Error{.code = ErrorCode::invalid_argument};
  std::vector<std::byte> bytes(model_size(model.moments.size()));
  ByteWriter body{std::span<std::byte>(bytes).subspan(kBodyAt)};
  write_body(body, model);
  ModelHeader header{};
  header.magic = wire::kModelMagic;
  header.version = wire::kModelVersion;
  header.header_size = sizeof(ModelHeader);
  header.file_size = bytes.size();
  header.horizon_count = kHorizons;
  header.input_count = kBlendInputs;
  header.way_count = kWayFeatures;
  header.moment_count = static_cast<std::uint32_t>(model.moments.size());
  header.seed = model.origin.seed;
  header.group_count = model.origin.groups;
  header.segment_count = model.origin.segments;
  header.candidate_count = model.origin.candidates;
  header.outcome_count = model.origin.outcomes;
  header.seconds = model.origin.seconds;
  header.body_checksum = hash64(std::span(bytes).subspan(kBodyAt));
  ByteWriter(bytes).write(header);
  header.checksum = hash64(std::span(bytes).first(offsetof(ModelHeader, checksum)));
  ByteWriter(bytes).write(header);
  return bytes;
}

bool begins_like_model(std::span<const std::byte> front) {
  return front.size() >= wire::kModelMagic.size() &&
         std::equal(wire::kModelMagic.begin(), wire::kModelMagic.end(), front.begin());
}

Result<Model> parse_model(std::span<const std::byte> bytes, std::string& detail) {
  if (bytes.size() < sizeof(ModelHeader)) {
    return refuse(detail, ErrorCode::file_too_short, bytes.size(), "is too short for a model");
  }
  ByteReader reader(bytes);
  const auto header = reader.read<ModelHeader>();
  if (!begins_like_model(bytes)) {
    return refuse(detail, ErrorCode::not_a_model, 0, "is not a nearfield model");
  }
  if (header.version != wire::kModelVersion) {
    return refuse(detail, ErrorCode::version_unsupported, offsetof(ModelHeader, version),
                  "is of a version that this reader does not know");
  }
  if (header.checksum != hash64(bytes.first(offsetof(ModelHeader, checksum)))) {
    return refuse(detail, ErrorCode::header_checksum_mismatch, offsetof(ModelHeader, checksum),
                  "is damaged in its header");
  }
  if (const Error error = check_header(header, bytes.size(), detail)) return error;
  if (header.body_checksum != hash64(bytes.subspan(kBodyAt))) {
    return refuse(detail, ErrorCode::table_checksum_mismatch, offsetof(ModelHeader, body_checksum),
                  "is damaged");
  }
  Model model;
  if (const Error error = read_body(reader, header.moment_count, model, detail)) return error;
  model.origin = {.seed = header.seed,
                  .groups = header.group_count,
                  .segments = header.segment_count,
                  .candidates = header.candidate_count,
                  .outcomes = header.outcome_count,
                  .seconds = header.seconds};
  return model;
}

Result<Model> read_model(const std::string& path, std::string& detail) {
  const auto system_said = [&](ErrorCode code) {
    detail = std::strerror(errno);
    return Error{.code = code, .os_error = static_cast<std::uint8_t>(errno)};
  };
  // Without O_NONBLOCK a pipe of that name would hold us until someone writes to it.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return system_said(ErrorCode::file_open_failed);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(descriptor, "rb"),
                                                             &std::fclose);
  if (!file) return system_said(ErrorCode::file_open_failed);
  struct stat about = {};
  if (::fstat(descriptor, &about) != 0) return system_said(ErrorCode::file_read_failed);
  if (!S_ISREG(about.st_mode)) {
    detail = S_ISDIR(about.st_mode) ? "is a folder" : "is no plain file";
    return Error{.code = ErrorCode::file_open_failed};
  }
  std::vector<std::byte> bytes;
  std::vector<std::byte> piece(1u << 16);
  while (std::feof(file.get()) == 0 && std::ferror(file.get()) == 0) {
    const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
    if (bytes.size() > kModelFileMax) {
      return refuse(detail, ErrorCode::limit_exceeded, kModelFileMax,
                    "is longer than any model can be");
    }
  }
  if (std::ferror(file.get()) != 0) return system_said(ErrorCode::file_read_failed);
  return parse_model(bytes, detail);
}

}  // namespace nf
