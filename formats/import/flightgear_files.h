// FlightGearFiles: the files of a FlightGear package by path, who took which, and what they name.
//
// One owner. A file is taken once; what nobody takes stays with its folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nearfield/result.h>

#include "formats/import/source_tree.h"
#include "formats/import/xml_texts.h"

namespace nf {

class FlightGearFiles {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  explicit FlightGearFiles(SourceTree tree);

  const SourceTree& tree() const { return tree_; }
  std::uint32_t find(
      const std::string& path) const;  // by path in the package; kNone if it has none
  const TreeFile& file(std::uint32_t index) const { return tree_.files[index]; }
  std::string path(std::uint32_t index) const { return tree_.relative_path(tree_.files[index]); }
  const std::string& folder(std::uint32_t index) const {
    return tree_.folders[tree_.files[index].folder].path;
  }

  // The file a reference means: beside the one that names it, in Scenery, or from the top; kNone.
  std::uint32_t resolve(std::uint32_t from, std::string_view reference) const;

  void take(std::uint32_t index) { taken_[index] = true; }
  bool taken(std::uint32_t index) const { return taken_[index]; }

  Result<std::string> read_text(std::uint32_t index, std::string& detail) const;
  // Empty if the file cannot be read as XML; those are counted.
  std::vector<XmlText> read_xml(std::uint32_t index);
  std::uint64_t xml_passed_over() const { return xml_passed_over_; }

  // Files that a model names (parts, textures, sounds), and those that these name, itself included;
  // ascending. Only what lies in Scenery counts: the rest is loaded with the program.
  const std::vector<std::uint32_t>& model_files(std::uint32_t model);

 private:
  std::vector<std::uint32_t> named_by(std::uint32_t index);

  SourceTree tree_;
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::vector<bool> taken_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> named_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> closed_;
  std::uint64_t xml_passed_over_ = 0;
};

}  // namespace nf
