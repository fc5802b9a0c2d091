#include "formats/import/world_file_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <unordered_set>
#include <vector>

#include "formats/pack/check_source.h"

namespace nf {

namespace {

constexpr std::string_view kBoundsKeys[] = {"sphere", "box", "center"};
constexpr std::string_view kGateKeys[] = {"name",        "position", "to",
                                          "to_position", "radius",   "lead_time"};
constexpr std::string_view kRefinements[] = {"none", "add", "replace"};  // by Refinement
constexpr double kLengthMax = 1e18;

// Edit distance by rows (Wagner and Fischer, 1974).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

LocalVector local(const std::array<double, 3>& v) {
  return {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])};
}

}  // namespace

Error WorldFileText::refuse(const JsonValue& at, const std::string& cause) const {
  const TextPlace place = place_in(text_, at.at);
  detail_ =
      file_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + cause;
  return Error{.code = ErrorCode::source_malformed,
               .subject_kind = Subject::line,
               .subject = place.line,
               .at = at.at};
}

Result<void> WorldFileText::check_keys(const JsonValue& value,
                                       std::span<const std::string_view> known) const {
  if (value.kind != JsonKind::object)
    return refuse(value,
                  std::string("an object is expected here, not ") + json_kind_name(value.kind));
  for (const JsonValue& member : value.items) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    std::string cause = "the key " + quoted_name(member.key) + " means nothing here";
    if (member.key.size() > 64) return refuse(member, cause);
    const auto nearest =
        std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
          return edit_distance(member.key, a) < edit_distance(member.key, b);
        });
    if (edit_distance(member.key, *nearest) <= std::max<std::size_t>(2, nearest->size() / 3))
      cause += "; did you mean \"" + std::string(*nearest) + "\"?";
    return refuse(member, cause);
  }
  return {};
}

Result<void> WorldFileText::read_numbers(const JsonValue& value, std::span<double> numbers) const {
  const std::string expected = std::to_string(numbers.size()) + " numbers are expected here";
  if (value.kind != JsonKind::array || value.items.size() != numbers.size())
    return refuse(value, expected);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const JsonValue& item = value.items[i];
    if (item.kind != JsonKind::number) return refuse(item, expected);
    if (std::fabs(item.number) > kLengthMax) return refuse(item, "this is over 1e18");
    numbers[i] = item.number;
  }
  return {};
}

Result<void> WorldFileText::read_rotation(const JsonValue& value, Rotation& rotation) const {
  std::array<double, 4> q = {};
  if (const Result<void> good = read_numbers(value, q); !good) return good;
  const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (length < 0.99 || length > 1.01)
    return refuse(value, "a rotation is a quaternion of length 1");
  for (double& part : q) part /= length;
  rotation = {static_cast<float>(q[0]), static_cast<float>(q[1]), static_cast<float>(q[2]),
              static_cast<float>(q[3])};
  return {};
}

Result<void> WorldFileText::read_length(const JsonValue& value, float& length) const {
  if (value.kind != JsonKind::number || value.number < 0 || value.number > kLengthMax)
    return refuse(value, "a number from 0 to 1e18 is expected here");
  length = static_cast<float>(value.number);
  return {};
}

Result<void> WorldFileText::read_truth(const JsonValue& value, bool& truth) const {
  if (value.kind != JsonKind::boolean) return refuse(value, "true or false is expected here");
  truth = value.truth;
  return {};
}

Result<void> WorldFileText::read_position(const JsonValue& object, std::string_view key,
                                          WorldPosition& position) const {
  const JsonValue* value = find_member(object, key);
  if (value == nullptr) return {};
  std::array<double, 3> p = {};
  if (const Result<void> good = read_numbers(*value, p); !good) return good;
  position = {p[0], p[1], p[2]};
  return {};
}

Result<void> WorldFileText::read_bounds(const JsonValue& value, SourceContainer& container) const {
  if (const Result<void> good = check_keys(value, kBoundsKeys); !good) return good;
  const JsonValue* sphere = find_member(value, "sphere");
  const JsonValue* box = find_member(value, "box");
  if ((sphere == nullptr) == (box == nullptr))
    return refuse(value, "bounds are either a \"sphere\" or a \"box\"");
  std::array<double, 3> numbers = {};
  if (sphere != nullptr) {
    float radius = 0;
    if (const Result<void> good = read_length(*sphere, radius); !good) return good;
    container.bounds_kind = BoundsKind::sphere;
    container.bounds_half_extent = {radius, radius, radius};
  } else {
    if (const Result<void> good = read_numbers(*box, numbers); !good) return good;
    if (*std::min_element(numbers.begin(), numbers.end()) < 0)
      return refuse(*box, "half extents are not negative");
    container.bounds_kind = BoundsKind::box;
    container.bounds_half_extent = local(numbers);
  }
  if (const JsonValue* center = find_member(value, "center")) {
    if (const Result<void> good = read_numbers(*center, numbers); !good) return good;
    container.bounds_center = local(numbers);
  }
  return {};
}

Result<void> WorldFileText::read_place(const JsonValue& value, SourceContainer& container) const {
  if (const Result<void> good = read_position(value, "position", container.position); !good)
    return good;
  if (const JsonValue* rotation = find_member(value, "rotation")) {
    if (const Result<void> good = read_rotation(*rotation, container.rotation); !good) return good;
  }
  if (const JsonValue* bounds = find_member(value, "bounds")) {
    if (const Result<void> good = read_bounds(*bounds, container); !good) return good;
  }
  if (const JsonValue* distance = find_member(value, "load_distance")) {
    if (const Result<void> good = read_length(*distance, container.load_distance); !good)
      return good;
  }
  if (const JsonValue* cost = find_member(value, "activation_cost")) {
    if (cost->kind != JsonKind::number || cost->number < 0 || cost->number > UINT32_MAX ||
        cost->number != std::floor(cost->number))
      return refuse(*cost, "whole microseconds from 0 to 2^32 - 1 are expected here");
    container.activation_cost = static_cast<std::uint32_t>(cost->number);
  }
  if (const JsonValue* shared = find_member(value, "shared")) {
    if (const Result<void> good = read_truth(*shared, container.shared); !good) return good;
    if (container.shared && container.bounds_kind != BoundsKind::none)
      return refuse(*shared, "a shared container has no place, but \"bounds\" are given");
  }
  return {};
}

Result<void> WorldFileText::read_motion(const JsonValue& value, SourceContainer& container) const {
  if (const JsonValue* moves = find_member(value, "moves")) {
    if (const Result<void> good = read_truth(*moves, container.moves); !good) return good;
  }
  if (const JsonValue* is_template = find_member(value, "template")) {
    if (const Result<void> good = read_truth(*is_template, container.is_template); !good)
      return good;
  }
  const JsonValue* refinement = find_member(value, "refinement");
  if (refinement == nullptr) return {};
  for (std::size_t i = 0; i < std::size(kRefinements); ++i) {
    if (refinement->kind != JsonKind::text || refinement->text != kRefinements[i]) continue;
    container.refinement = static_cast<Refinement>(i);
    return {};
  }
  return refuse(*refinement, "a refinement is \"none\", \"add\" or \"replace\"");
}

Result<void> WorldFileText::read_gate(const JsonValue& value, SourceGate& gate) const {
  if (const Result<void> good = check_keys(value, kGateKeys); !good) return good;
  const JsonValue* name = find_member(value, "name");
  if (name == nullptr || name->kind != JsonKind::text)
    return refuse(name == nullptr ? value : *name, "a gate needs a \"name\"");
  if (const char* problem = name_problem(name->text))
    return refuse(*name, "the name " + quoted_name(name->text) + " " + problem);
  const JsonValue* to = find_member(value, "to");
  if (to == nullptr || to->kind != JsonKind::text)
    return refuse(to == nullptr ? value : *to, "a gate needs a \"to\": the path it leads to");
  if (const char* problem = path_problem(to->text))
    return refuse(*to, "the target " + quoted_name(to->text) + " " + problem);
  gate.name = name->text;
  gate.to = to->text;
  if (const Result<void> good = read_position(value, "position", gate.position); !good) return good;
  if (const Result<void> good = read_position(value, "to_position", gate.to_position); !good)
    return good;
  if (const JsonValue* radius = find_member(value, "radius")) {
    if (const Result<void> good = read_length(*radius, gate.radius); !good) return good;
  }
  const JsonValue* lead_time = find_member(value, "lead_time");
  return lead_time == nullptr ? Result<void>() : read_length(*lead_time, gate.lead_time);
}

Result<void> WorldFileText::read_gates(const JsonValue& list,
                                       std::vector<SourceGate>& gates) const {
  if (list.kind != JsonKind::array) return refuse(list, "\"gates\" has to be a list");
  std::unordered_set<std::string_view> names;
  gates.reserve(list.items.size());
  for (const JsonValue& item : list.items) {
    if (const Result<void> good = read_gate(item, gates.emplace_back()); !good) return good;
    if (!names.insert(find_member(item, "name")->text).second)
      return refuse(item, "two gates are named " + quoted_name(gates.back().name));
  }
  return {};
}

Result<TagSet> WorldFileText::read_tags(const JsonValue& list,
                                        std::vector<std::string>& names) const {
  if (list.kind != JsonKind::array) return refuse(list, "\"tags\" has to be a list of texts");
  TagSet tags = 0;
  for (const JsonValue& tag : list.items) {
    if (tag.kind != JsonKind::text || tag.text.empty())
      return refuse(tag, "a tag is a text that is not empty");
    const auto found = std::find(names.begin(), names.end(), tag.text);
    const auto bit = static_cast<std::size_t>(found - names.begin());
    if (bit >= kTagsMax)
      return refuse(tag, "more than " + std::to_string(kTagsMax) + " different tags");
    if (found == names.end()) names.push_back(tag.text);
    tags |= TagSet{1} << bit;
  }
  return tags;
}

Result<void> WorldFileText::read_kind(const JsonValue& value, AssetKind& kind) const {
  for (std::uint16_t number = 0; number <= static_cast<std::uint16_t>(AssetKind::material);
       ++number) {
    if (value.text != asset_kind_name(static_cast<AssetKind>(number))) continue;
    kind = static_cast<AssetKind>(number);
    return {};
  }
  return refuse(value, quoted_name(value.text) + " is no kind of asset");
}

}  // namespace nf
