#include "tests/reject/reject_models.h"

#include <functional>
#include <limits>

#include "core/codec/codec.h"
#include "formats/model/model_format.h"
#include "formats/wire/bytes.h"
#include "tests/golden/sample_model.h"

namespace nf::sample {
namespace {

using Bytes = std::vector<std::byte>;
using wire::ModelHeader;

constexpr std::size_t kBodyAt = sizeof(ModelHeader);
constexpr std::size_t kMomentAt = kBodyAt + sizeof(wire::ModelWeights);
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <class Wire, class Value>
void put(Bytes& bytes, std::size_t at, Value value) {
  const Wire wired = value;
  ByteWriter(std::span(bytes).subspan(at)).write(wired);
}

void repair(Bytes& bytes) {
  put<u64le>(bytes, offsetof(ModelHeader, body_checksum),
             hash64(std::span(bytes).subspan(kBodyAt)));
  put<u64le>(bytes, offsetof(ModelHeader, checksum),
             hash64(std::span(bytes).first(offsetof(ModelHeader, checksum))));
}

struct Edit {
  const char* name;
  std::function<void(Bytes&)> change;
};

Edit number(const char* name, std::size_t at, std::uint32_t value) {
  return {name, [=](Bytes& bytes) { put<u32le>(bytes, at, value); }};
}
Edit wide(const char* name, std::size_t at, std::uint64_t value) {
  return {name, [=](Bytes& bytes) { put<u64le>(bytes, at, value); }};
}
Edit real(const char* name, std::size_t at, float value) {
  return {name, [=](Bytes& bytes) { put<f32le>(bytes, at, value); }};
}

std::vector<Edit> edits_of_header() {
  return {
      number("version_unsupported.model_zero", offsetof(ModelHeader, version), 0),
      number("version_unsupported.model_newer", offsetof(ModelHeader, version), 2),
      number("field_out_of_range.model_header_size", offsetof(ModelHeader, header_size), 127),
      wide("feature_unsupported.model_lowest", offsetof(ModelHeader, features_required), 1),
      wide("feature_unsupported.model_highest", offsetof(ModelHeader, features_required),
           std::uint64_t{1} << 63),
      wide("file_size_mismatch.model_header", offsetof(ModelHeader, file_size), 1 << 20),
      number("field_out_of_range.model_horizons", offsetof(ModelHeader, horizon_count), 9),
      number("field_out_of_range.model_inputs", offsetof(ModelHeader, input_count), 11),
      number("field_out_of_range.model_way", offsetof(ModelHeader, way_count), 0),
      number("file_size_mismatch.model_moments", offsetof(ModelHeader, moment_count), 2),
      number("limit_exceeded.model_moments", offsetof(ModelHeader, moment_count), 65537),
      number("limit_exceeded.model_moments_wrap", offsetof(ModelHeader, moment_count), ~0u),
      wide("field_out_of_range.model_candidates", offsetof(ModelHeader, candidate_count), 2),
      {"field_out_of_range.model_seconds_nan",
       [](Bytes& bytes) {
         put<f64le>(bytes, offsetof(ModelHeader, seconds), static_cast<double>(kNaN));
       }},
      {"field_out_of_range.model_seconds_negative",
       [](Bytes& bytes) { put<f64le>(bytes, offsetof(ModelHeader, seconds), -1.0); }},
      wide("reserved_not_zero.model", offsetof(ModelHeader, reserved), 1),
  };
}

std::vector<Edit> edits_of_body() {
  const std::size_t after = kMomentAt + offsetof(wire::ModelMoment, after);
  return {
      real("field_out_of_range.model_weight_nan", kBodyAt, kNaN),
      real("field_out_of_range.model_weight_large", kMomentAt - 4, 100.5F),
      real("field_out_of_range.model_way_nan", kMomentAt, kNaN),
      real("field_out_of_range.model_way_large", kMomentAt + 44, -10001.0F),
      real("field_out_of_range.model_after_infinite", after,
           std::numeric_limits<float>::infinity()),
      real("field_out_of_range.model_after_large", after + 116, 10001.0F),
      {"file_size_mismatch.model_cut", [](Bytes& bytes) { bytes.resize(bytes.size() - 168); }},
      {"file_size_mismatch.model_grown", [](Bytes& bytes) { bytes.resize(bytes.size() + 1); }},
  };
}

}  // namespace

std::vector<RejectCase> make_reject_models() {
  const Bytes good = *model_bytes(golden_model());
  std::vector<RejectCase> cases;
  for (const std::vector<Edit>& edits : {edits_of_header(), edits_of_body()}) {
    for (const Edit& edit : edits) {
      Bytes bytes = good;
      edit.change(bytes);
      repair(bytes);
      cases.push_back({edit.name, std::move(bytes)});
    }
  }
  const auto add_damaged = [&](const char* name, std::size_t at) {
    Bytes bytes = good;
    bytes[at] ^= std::byte{1};
    cases.push_back({name, std::move(bytes)});
  };
  add_damaged("not_a_model.magic", 2);
  add_damaged("header_checksum_mismatch.model_header", offsetof(ModelHeader, checksum));
  add_damaged("header_checksum_mismatch.model_seed", offsetof(ModelHeader, seed));
  add_damaged("table_checksum_mismatch.model_weight", kBodyAt + 3);
  add_damaged("table_checksum_mismatch.model_moment", good.size() - 1);
  cases.push_back({"file_too_short.model_empty", {}});
  cases.push_back({"file_too_short.model_header", {good.begin(), good.begin() + 127}});
  return cases;
}

}  // namespace nf::sample
