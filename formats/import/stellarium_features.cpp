#include "formats/import/stellarium_features.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "formats/import/stellarium_orbits.h"

namespace nf {

namespace {

constexpr std::size_t kFields = 7;
constexpr double kSizeMax = 1e9;  // kilometres
// What has no size, or next to none, is still a place to stand in.
constexpr double kRadiusMin = 25;
constexpr std::size_t kTextSizeMax = 64u << 20;

bool parse_number(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

// Cuts "a<tab>b<tab>..." into exactly as many fields as there are.
bool split(std::string_view rule, std::array<std::string_view, kFields>& fields) {
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::size_t tab = rule.find('\t');
    const bool last = i + 1 == kFields;
    if (last != (tab == std::string_view::npos)) return false;
    fields[i] = rule.substr(0, tab);
    if (!last) rule.remove_prefix(tab + 1);
  }
  return true;
}

// The first string of _("name","type").
std::string_view name_of(std::string_view call) {
  constexpr std::string_view kFront = "_(\"";
  constexpr std::string_view kBetween = "\",\"";
  if (!call.starts_with(kFront) || !call.ends_with("\")")) return {};
  call.remove_prefix(kFront.size());
  const std::size_t end = call.find(kBetween);
  return end == std::string_view::npos ? std::string_view() : call.substr(0, end);
}

bool parse_rule(std::string_view rule, StellariumFeature& feature) {
  std::array<std::string_view, kFields> fields;
  if (!split(rule, fields)) return false;
  feature.body = fields[0];
  feature.name = name_of(fields[2]);
  double size = 0;
  if (feature.body.empty() || feature.name.empty()) return false;
  if (!parse_number(fields[4], feature.latitude) || !parse_number(fields[5], feature.longitude) ||
      !parse_number(fields[6], size))
    return false;
  if (std::fabs(feature.latitude) > 90 || std::fabs(feature.longitude) > 360) return false;
  if (size < 0 || size > kSizeMax) return false;
  feature.latitude *= kDegree;
  feature.longitude *= kDegree;
  feature.radius = std::max(size * 500, kRadiusMin);
  return true;
}

}  // namespace

Result<std::vector<StellariumFeature>> parse_features(std::string_view text) {
  if (text.size() > kTextSizeMax) return Error{.code = ErrorCode::limit_exceeded};
  std::vector<StellariumFeature> features;
  std::uint32_t number = 0;
  std::size_t comment = 0;  // where the comment begins that stands directly before the next rule
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    const bool is_comment = line.starts_with('#');
    if (!is_comment && !line.empty()) {
      StellariumFeature feature;
      feature.line = number;
      if (!parse_rule(line, feature) || features.size() >= kFeaturesMax) {
        return Error{
            .code = ErrorCode::source_malformed, .subject_kind = Subject::line, .subject = number};
      }
      feature.text_at = static_cast<std::uint32_t>(comment);
      feature.text_size = static_cast<std::uint32_t>(end - comment);
      features.push_back(std::move(feature));
    }
    // One line of comment belongs to a rule; what else is said belongs to the file.
    comment = is_comment ? at : std::min(end + 1, text.size());
    at = end + 1;
  }
  return features;
}

}  // namespace nf
