// MaterialLibrary: which textures FlightGear draws a terrain material with, at a place.
//
// One owner. A subset of FlightGear's rules, in its own words: regions in the order in which
// Materials/regions/materials.xml names them, the last one that knows the material and whose areas
// hold the place; summer. What effects name and what is scattered by chance is left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/import/flightgear_files.h"

namespace nf {

struct LonLatBox {
  double west = 0, east = 0, south = 0, north = 0;  // degrees
};

class MaterialLibrary {
 public:
  static constexpr std::uint32_t kNone = ~0u;

  explicit MaterialLibrary(FlightGearFiles& files);

  // A definition's number, or kNone.
  std::uint32_t find(const std::string& material, double longitude, double latitude) const;
  const std::vector<std::uint32_t>& textures(std::uint32_t definition) const {
    return definitions_[definition].textures;
  }

 private:
  struct Definition {
    std::uint32_t region = 0;
    std::vector<std::string> names;
    std::vector<std::uint32_t> textures;  // files, ascending
  };
  struct Region {
    std::vector<LonLatBox> areas;  // none: everywhere
  };

  void read_region(std::uint32_t file);
  void read_material(const std::vector<XmlText>& xml, std::size_t first, std::size_t last);
  struct Mentions {  // of one file or element
    std::vector<std::uint32_t> textures;
    std::vector<std::uint32_t> includes;
  };
  void add_mentions(const XmlText& element, Mentions& mentions) const;
  const Mentions& mentions_of(std::uint32_t file);  // read once
  void add_included(Mentions from, Definition& definition);

  FlightGearFiles& files_;
  std::unordered_map<std::uint32_t, Mentions> mentions_;
  std::vector<Region> regions_;
  std::vector<Definition> definitions_;  // in the order in which they were read
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_name_;
};

}  // namespace nf
