#include "tests/reject/reject_motion.h"

#include <limits>

#include "core/world/world_tables.h"

namespace nf::sample {
namespace {

constexpr std::size_t kFeatures = offsetof(Header, features_required);
constexpr std::size_t kFlags = offsetof(ContainerRecord, flags);
constexpr std::size_t kRefinement = offsetof(ContainerRecord, refinement);
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

Edit flags(std::uint32_t id, int value) {
  return container<std::uint8_t>(id, kFlags, value);
}
Edit refinement(std::uint32_t id, int value) {
  return container<std::uint8_t>(id, kRefinement, value);
}
Edit bounds_kind(std::uint32_t id, int value) {
  return container<std::uint8_t>(id, offsetof(ContainerRecord, bounds_kind), value);
}

void add_feature_cases(CaseList& list) {
  list.small("feature_unsupported.header_features_required_lowest", header<u64le>(kFeatures, 4u));
  list.small("field_out_of_range.header_detail_and_motion_unused", header<u64le>(kFeatures, 1u));
  list.motion("field_out_of_range.header_detail_and_motion_missing",
              header<u64le>(kFeatures, wire::kGates));
  list.golden("field_out_of_range.container_moves_without_feature", flags(kRoom, 2));
  list.golden("field_out_of_range.container_template_without_feature", flags(kRoom, 4));
  list.golden("field_out_of_range.container_refinement_without_feature", refinement(kRoom, 1));
  list.small("field_out_of_range.header_gates_unused", header<u64le>(kFeatures, wire::kGates));
  list.motion("reserved_not_zero.header_gates_without_feature",
              header<u64le>(kFeatures, wire::kDetailAndMotion));
  constexpr std::size_t kSize = offsetof(Header, tables) + wire::kGatesTable * sizeof(TableEntry) +
                                offsetof(TableEntry, size);
  list.motion("field_out_of_range.gates_size_max",
              header<u64le>(kSize, (std::uint64_t{kGatesMax} + 1) * sizeof(GateRecord)));
  list.motion("file_size_mismatch.gates_one_more_page",
              header<u64le>(kSize, std::uint64_t{100} * sizeof(GateRecord)));
}

void add_flag_cases(CaseList& list) {
  list.motion("field_out_of_range.container_flags_unknown", flags(kTurret, 8));
  list.motion("field_out_of_range.root_moves", flags(kRoot, 2));
  list.motion("field_out_of_range.root_template", flags(kRoot, 4));
  list.motion("field_out_of_range.shared_moves", flags(kSet, 1 | 2));
  list.motion("field_out_of_range.shared_template", flags(kSet, 1 | 4));
  list.motion("field_out_of_range.template_in_template", flags(kTurret, 4));
  list.motion("field_out_of_range.refinement_unknown", refinement(kNear, 3));
  list.motion("field_out_of_range.refinement_of_root", refinement(kRoot, 1));
  list.motion("field_out_of_range.refinement_of_shared", refinement(kSet, 1));
  list.motion("field_out_of_range.refinement_without_bounds", bounds_kind(kNear, 0));
  list.motion("field_out_of_range.refinement_of_parent_without_bounds", bounds_kind(kPlanet, 0));
  list.motion("field_out_of_range.refinement_moves", flags(kClouds, 2));
  list.motion("field_out_of_range.refinement_template", flags(kClouds, 4));
}

void add_gate_place_cases(CaseList& list) {
  constexpr std::size_t kContainer = offsetof(GateRecord, container);
  constexpr std::size_t kPosition = offsetof(GateRecord, position);
  constexpr std::size_t kTarget = offsetof(GateRecord, target_position);
  constexpr std::size_t kRadius = offsetof(GateRecord, radius);
  constexpr std::size_t kLeadTime = offsetof(GateRecord, lead_time);
  list.motion("field_out_of_range.gate_container_outside", gate<u32le>(2, kContainer, kSet + 1));
  list.motion("field_out_of_range.gate_container_shared", gate<u32le>(2, kContainer, kSet));
  list.motion("field_out_of_range.gate_position_nan", gate<f64le>(1, kPosition + 8, kNotANumber));
  list.motion("field_out_of_range.gate_position_far", gate<f64le>(1, kPosition + 16, 1.1e18));
  list.motion("field_out_of_range.gate_target_position_nan", gate<f64le>(0, kTarget, kNotANumber));
  list.motion("field_out_of_range.gate_target_position_far", gate<f64le>(0, kTarget + 8, -1.1e18));
  list.motion("field_out_of_range.gate_radius_negative", gate<f32le>(2, kRadius, -1.0f));
  list.motion("field_out_of_range.gate_radius_infinite", gate<f32le>(2, kRadius, kInfinite));
  list.motion("field_out_of_range.gate_lead_time_negative", gate<f32le>(0, kLeadTime, -1.0f));
  list.motion("field_out_of_range.gate_lead_time_infinite", gate<f32le>(0, kLeadTime, kInfinite));
  list.motion("reserved_not_zero.gate_first",
              gate<std::uint8_t>(1, offsetof(GateRecord, reserved), 1));
  list.motion("reserved_not_zero.gate_last", gate<std::uint8_t>(2, sizeof(GateRecord) - 1, 0x80));
}

void add_gate_name_cases(CaseList& list) {
  constexpr std::size_t kNameAt = offsetof(GateRecord, name_at);
  constexpr std::size_t kNameHash = offsetof(GateRecord, name_hash);
  const auto swap_with = [](std::uint32_t a, std::uint32_t b) {
    return [=](ByteVector& bytes) {
      const std::uint64_t at_a = record_at(bytes, wire::kGatesTable, a);
      const std::uint64_t at_b = record_at(bytes, wire::kGatesTable, b);
      const auto record_a = get<GateRecord>(bytes, at_a);
      put(bytes, at_a, get<GateRecord>(bytes, at_b));
      put(bytes, at_b, record_a);
    };
  };
  list.motion("order_wrong.gates_by_container", swap_with(0, 1));
  list.motion("order_wrong.gates_by_name", swap_with(1, 2));
  list.motion("name_duplicate.gate", [](ByteVector& bytes) {
    put(bytes, record_at(bytes, wire::kGatesTable, 2),
        get<GateRecord>(bytes, record_at(bytes, wire::kGatesTable, 1)));
  });
  list.motion("name_invalid.gate_name_hash", gate<u64le>(0, kNameHash, 0u));
  list.motion("name_invalid.gate_name_outside", gate<u32le>(0, kNameAt, 0x00FFFFFFu));
  list.motion("name_invalid.gate_name_of_another", gate<u32le>(0, kNameAt, 1u));
  list.motion("name_invalid.gate_name_empty", [](ByteVector& bytes) {
    gate<u32le>(0, kNameAt, 0u)(bytes);
    gate<u64le>(0, kNameHash, asset_id("").value)(bytes);
  });
}

}  // namespace

void add_motion_cases(CaseList& list) {
  add_feature_cases(list);
  add_flag_cases(list);
  add_gate_place_cases(list);
  add_gate_name_cases(list);
}

}  // namespace nf::sample
