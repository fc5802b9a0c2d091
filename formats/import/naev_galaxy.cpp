#include "formats/import/naev_galaxy.h"

#include <charconv>
#include <cmath>

#include "formats/import/xml_texts.h"
#include "formats/pack/check_source.h"

namespace nf {

namespace {

constexpr double kCoordinateMax = 1e9;

bool parse_number(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number) &&
         std::fabs(number) <= kCoordinateMax;
}

Error refuse(std::string& problem, std::string text) {
  problem = std::move(text);
  return Error{.code = ErrorCode::source_malformed, .subject_kind = Subject::file};
}

Result<std::vector<XmlText>> parse(std::string_view xml, std::string& problem) {
  Result<std::vector<XmlText>> elements = parse_xml_texts(xml);
  if (!elements) problem = "line " + std::to_string(elements.error().subject) + ": is not XML";
  return elements;
}

Result<void> read_number(const std::string& what, std::string_view text, double& number,
                         std::string& problem) {
  if (parse_number(text, number)) return {};
  return refuse(problem, "<" + what + "> is no number, or out of range: " + quoted_name(text));
}

std::string name_attribute(const XmlText& element, std::string_view name) {
  return without_entities(find_attribute(element.attributes, name));
}

Result<void> read_jump_part(const XmlText& element, NaevJump& jump, std::string& problem) {
  if (element.path != "ssys/jumps/jump/pos") return {};
  jump.on_rim = false;
  if (const Result<void> good =
          read_number("pos x", find_attribute(element.attributes, "x"), jump.at.x, problem);
      !good)
    return good;
  return read_number("pos y", find_attribute(element.attributes, "y"), jump.at.y, problem);
}

Result<void> read_system_part(const XmlText& element, NaevSystem& system, std::string& problem) {
  const std::string& path = element.path;
  if (path == "ssys/pos/x") return read_number("x", element.text, system.on_map.x, problem);
  if (path == "ssys/pos/y") return read_number("y", element.text, system.on_map.y, problem);
  if (path == "ssys/general/radius")
    return read_number("radius", element.text, system.radius, problem);
  if (path == "ssys/assets/asset") system.spobs.push_back(element.text);
  if (path == "ssys/jumps/jump") {
    system.jumps.push_back({.target = name_attribute(element, "target"), .on_rim = true, .at = {}});
    if (system.jumps.back().target.empty()) return refuse(problem, "a <jump> has no target");
  }
  if (path.starts_with("ssys/jumps/jump/"))
    return read_jump_part(element, system.jumps.back(), problem);
  return {};
}

}  // namespace

Result<NaevSystem> parse_naev_system(std::string_view xml, std::string& problem) {
  const Result<std::vector<XmlText>> elements = parse(xml, problem);
  if (!elements) return elements.error();
  NaevSystem system;
  for (const XmlText& element : *elements) {
    if (element.path == "ssys") system.name = name_attribute(element, "name");
    if (const Result<void> good = read_system_part(element, system, problem); !good)
      return good.error();
  }
  if (system.name.empty()) return refuse(problem, "no <ssys> with a name in it");
  if (system.radius <= 0) return refuse(problem, "<radius> is missing, or not more than 0");
  return system;
}

Result<NaevSpob> parse_naev_spob(std::string_view xml, std::string& problem) {
  const Result<std::vector<XmlText>> elements = parse(xml, problem);
  if (!elements) return elements.error();
  NaevSpob spob;
  for (const XmlText& element : *elements) {
    Result<void> good = {};
    if (element.path == "asset") spob.name = name_attribute(element, "name");
    if (element.path == "asset/pos") spob.has_place = true;
    if (element.path == "asset/pos/x") good = read_number("x", element.text, spob.at.x, problem);
    if (element.path == "asset/pos/y") good = read_number("y", element.text, spob.at.y, problem);
    if (element.path == "asset/GFX/space") spob.space_picture = element.text;
    if (element.path == "asset/GFX/exterior") spob.exterior_picture = element.text;
    if (!good) return good.error();
  }
  if (spob.name.empty()) return refuse(problem, "no <asset> with a name in it");
  return spob;
}

NaevPoint place_of(const NaevJump& jump, const NaevSystem& system, const NaevSystem& target) {
  if (!jump.on_rim) return jump.at;
  const double angle =
      std::atan2(target.on_map.y - system.on_map.y, target.on_map.x - system.on_map.x);
  return {system.radius * std::cos(angle), system.radius * std::sin(angle)};
}

}  // namespace nf
