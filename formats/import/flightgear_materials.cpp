#include "formats/import/flightgear_materials.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace nf {

namespace {

// One past the last element inside the element at `first`.
std::size_t end_of(const std::vector<XmlText>& xml, std::size_t first) {
  std::size_t last = first + 1;
  while (last < xml.size() && xml[last].parent >= xml[first].element) ++last;
  return last;
}

std::string_view tag_of(const XmlText& element) {
  const std::string_view path = element.path;
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

LonLatBox read_area(const std::vector<XmlText>& xml, std::size_t first, std::size_t last) {
  std::map<std::string_view, double> at;
  for (std::size_t i = first; i < last; ++i)
    at[tag_of(xml[i])] = std::strtod(xml[i].text.c_str(), nullptr);
  return {.west = std::min(at["lon1"], at["lon2"]),
          .east = std::max(at["lon1"], at["lon2"]),
          .south = std::min(at["lat1"], at["lat2"]),
          .north = std::max(at["lat1"], at["lat2"])};
}

// A condition on the season that another season than summer fulfils.
bool asks_for_other_season(const std::vector<XmlText>& xml, std::size_t first, std::size_t last) {
  bool on_season = false;
  for (std::size_t i = first; i < last; ++i) {
    if (tag_of(xml[i]) == "property") on_season = xml[i].text.ends_with("season");
    if (tag_of(xml[i]) == "value" && on_season && xml[i].text != "summer") return true;
  }
  return false;
}

bool is_picture(std::string_view text) {
  return text.ends_with(".png") || text.ends_with(".dds") || text.ends_with(".jpg") ||
         text.ends_with(".rgb");
}

}  // namespace

MaterialLibrary::MaterialLibrary(FlightGearFiles& files) : files_(files) {
  std::uint32_t list = files_.find("Materials/regions/materials.xml");
  if (list == FlightGearFiles::kNone) list = files_.find("Materials/default/materials.xml");
  if (list == FlightGearFiles::kNone) return;
  for (const XmlText& element : files_.read_xml(list)) {
    if (tag_of(element) != "region") continue;
    const std::string include = normal_path(find_attribute(element.attributes, "include"));
    const std::uint32_t file = files_.find(include);
    if (file != FlightGearFiles::kNone) read_region(file);
  }
}

void MaterialLibrary::read_region(std::uint32_t file) {
  const std::vector<XmlText> xml = files_.read_xml(file);
  Region region;
  for (std::size_t i = 0; i < xml.size(); ++i) {
    if (xml[i].path == "PropertyList/area")
      region.areas.push_back(read_area(xml, i, end_of(xml, i)));
    if (xml[i].path == "PropertyList/condition" && asks_for_other_season(xml, i, end_of(xml, i)))
      return;
  }
  regions_.push_back(std::move(region));
  for (std::size_t i = 0; i < xml.size(); ++i) {
    if (xml[i].path == "PropertyList/material") read_material(xml, i, end_of(xml, i));
  }
}

void MaterialLibrary::read_material(const std::vector<XmlText>& xml, std::size_t first,
                                    std::size_t last) {
  const auto number = static_cast<std::uint32_t>(definitions_.size());
  Definition definition;
  definition.region = static_cast<std::uint32_t>(regions_.size() - 1);
  Mentions mentions;
  for (std::size_t i = first; i < last; ++i) {
    if (i > first && xml[i].parent == xml[first].element && tag_of(xml[i]) == "name")
      definition.names.push_back(xml[i].text);
    add_mentions(xml[i], mentions);
  }
  add_included(std::move(mentions), definition);
  std::sort(definition.textures.begin(), definition.textures.end());
  definition.textures.erase(std::unique(definition.textures.begin(), definition.textures.end()),
                            definition.textures.end());
  for (const std::string& name : definition.names) by_name_[name].push_back(number);
  definitions_.push_back(std::move(definition));
}

void MaterialLibrary::add_mentions(const XmlText& element, Mentions& mentions) const {
  if (is_picture(element.text)) {
    const std::uint32_t file = files_.find("Textures/" + normal_path(element.text));
    if (file != FlightGearFiles::kNone) mentions.textures.push_back(file);
  }
  const std::string_view include = find_attribute(element.attributes, "include");
  if (include.empty()) return;
  const std::uint32_t file = files_.find(normal_path(include));
  if (file != FlightGearFiles::kNone) mentions.includes.push_back(file);
}

const MaterialLibrary::Mentions& MaterialLibrary::mentions_of(std::uint32_t file) {
  const auto [entry, is_new] = mentions_.try_emplace(file);
  if (is_new) {
    for (const XmlText& element : files_.read_xml(file)) add_mentions(element, entry->second);
  }
  return entry->second;
}

// Each included file counts once, however often and from wherever it is named.
void MaterialLibrary::add_included(Mentions from, Definition& definition) {
  definition.textures = std::move(from.textures);
  std::vector<std::uint32_t> pending = std::move(from.includes);
  std::vector<std::uint32_t> seen;
  while (!pending.empty()) {
    const std::uint32_t file = pending.back();
    pending.pop_back();
    if (std::find(seen.begin(), seen.end(), file) != seen.end()) continue;
    seen.push_back(file);
    const Mentions& mentions = mentions_of(file);
    definition.textures.insert(definition.textures.end(), mentions.textures.begin(),
                               mentions.textures.end());
    pending.insert(pending.end(), mentions.includes.begin(), mentions.includes.end());
  }
}

std::uint32_t MaterialLibrary::find(const std::string& material, double longitude,
                                    double latitude) const {
  const auto named = by_name_.find(material);
  if (named == by_name_.end()) return kNone;
  for (std::size_t i = named->second.size(); i-- > 0;) {
    const std::uint32_t number = named->second[i];
    const std::vector<LonLatBox>& areas = regions_[definitions_[number].region].areas;
    const auto holds = [&](const LonLatBox& box) {
      return box.west <= longitude && longitude <= box.east && box.south <= latitude &&
             latitude <= box.north;
    };
    if (areas.empty() || std::any_of(areas.begin(), areas.end(), holds)) return number;
  }
  return kNone;
}

}  // namespace nf
