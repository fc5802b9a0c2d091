#include "formats/import/flightgear_files.h"

#include <algorithm>

#include "formats/import/file_bytes.h"

namespace nf {

namespace {

constexpr Bytes kTextSizeMax = {64ull << 20};
constexpr std::size_t kReferenceMax = 512;

bool could_name_a_file(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && dot + 1 < text.size() && text.size() - dot <= 5 &&
         text.size() <= kReferenceMax && text.find('\n') == std::string_view::npos;
}

// The names in AC3D's lines `texture "name.png"`.
std::vector<std::string_view> textures_of_ac(std::string_view text) {
  std::vector<std::string_view> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with("texture")) continue;
    const std::size_t open = line.find('"');
    const std::size_t close = open == std::string_view::npos ? open : line.find('"', open + 1);
    if (close != std::string_view::npos) names.push_back(line.substr(open + 1, close - open - 1));
  }
  return names;
}

}  // namespace

FlightGearFiles::FlightGearFiles(SourceTree tree) : tree_(std::move(tree)) {
  by_path_.reserve(tree_.files.size());
  for (std::uint32_t i = 0; i < tree_.files.size(); ++i) by_path_.emplace(path(i), i);
  taken_.assign(tree_.files.size(), false);
}

std::uint32_t FlightGearFiles::find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? kNone : found->second;
}

std::uint32_t FlightGearFiles::resolve(std::uint32_t from, std::string_view reference) const {
  const std::string text(reference);
  for (const std::string& start : {folder(from) + "/", std::string("Scenery/"), std::string()}) {
    const std::string path = normal_path(start + text);
    if (path.empty()) continue;
    if (const std::uint32_t found = find(path); found != kNone) return found;
  }
  return kNone;
}

Result<std::string> FlightGearFiles::read_text(std::uint32_t index, std::string& detail) const {
  const Result<std::vector<std::byte>> bytes =
      read_file(tree_.path(tree_.files[index]), kTextSizeMax, detail);
  if (!bytes) return bytes.error();
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::vector<XmlText> FlightGearFiles::read_xml(std::uint32_t index) {
  std::string detail;
  const Result<std::string> text = read_text(index, detail);
  if (text) {
    Result<std::vector<XmlText>> texts = parse_xml_texts(*text);
    if (texts) return std::move(*texts);
  }
  ++xml_passed_over_;
  return {};
}

std::vector<std::uint32_t> FlightGearFiles::named_by(std::uint32_t index) {
  std::vector<std::uint32_t> named;
  const auto add = [&](std::string_view reference) {
    const std::uint32_t found = resolve(index, reference);
    if (found != kNone && folder(found).starts_with("Scenery/")) named.push_back(found);
  };
  const std::string& name = file(index).name;
  if (name.ends_with(".xml")) {
    for (const XmlText& element : read_xml(index)) {
      if (could_name_a_file(element.text)) add(element.text);
    }
  } else if (name.ends_with(".ac")) {
    std::string detail;
    const Result<std::string> text = read_text(index, detail);
    if (text) {
      for (const std::string_view texture : textures_of_ac(*text)) add(texture);
    }
  }
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

const std::vector<std::uint32_t>& FlightGearFiles::model_files(std::uint32_t model) {
  const auto [entry, is_new] = closed_.try_emplace(model);
  if (!is_new) return entry->second;
  std::vector<std::uint32_t> all;
  std::vector<std::uint32_t> pending = {model};
  while (!pending.empty()) {
    const std::uint32_t next = pending.back();
    pending.pop_back();
    if (std::find(all.begin(), all.end(), next) != all.end()) continue;
    all.push_back(next);
    auto named = named_.find(next);
    if (named == named_.end()) named = named_.emplace(next, named_by(next)).first;
    pending.insert(pending.end(), named->second.begin(), named->second.end());
  }
  std::sort(all.begin(), all.end());
  return closed_[model] = std::move(all);
}

}  // namespace nf
