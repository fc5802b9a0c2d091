// A small FlightGear tree that a test makes itself: meshes, lists, models, materials, pictures.
// Plain functions.
#pragma once

#include <zlib.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/import/flightgear_tiles.h"
#include "tests/unit/formats/import/source_folder.h"

namespace nf {

class BtgWriter {
 public:
  explicit BtgWriter(std::uint16_t version = 10) : version_(version) {}

  BtgWriter& sphere(WorldPosition center, float radius) {
    std::string element;
    for (const double c : {center.x, center.y, center.z})
      put(element, std::bit_cast<std::uint64_t>(c), 8);
    put(element, std::bit_cast<std::uint32_t>(radius), 4);
    return object(0, {}, {element});
  }
  BtgWriter& vertices(std::size_t count) { return object(1, {}, {std::string(count * 12, '\1')}); }
  BtgWriter& triangles(std::string_view material) {
    return object(10, {std::string(material)}, {std::string(18, '\0')});
  }
  // `properties` are materials.
  BtgWriter& object(std::uint8_t kind, const std::vector<std::string>& properties,
                    const std::vector<std::string>& elements) {
    ++objects_;
    put(body_, kind, 1);
    put(body_, properties.size(), count_width());
    put(body_, elements.size(), count_width());
    for (const std::string& property : properties) {
      put(body_, 0, 1);
      put(body_, property.size(), 4);
      body_ += property;
    }
    for (const std::string& element : elements) {
      put(body_, element.size(), 4);
      body_ += element;
    }
    return *this;
  }
  std::string bytes() const {
    std::string head;
    put(head, 0x53470000u | version_, 4);
    put(head, 0, 4);
    put(head, objects_, count_width());
    return head + body_;
  }

 private:
  std::size_t count_width() const { return version_ >= 10 ? 4 : 2; }
  static void put(std::string& to, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) to += static_cast<char>(value >> (8 * i) & 0xFF);
  }

  std::uint16_t version_;
  std::uint64_t objects_ = 0;
  std::string body_;
};

inline std::string gzip(std::string_view text) {
  std::string zipped(text.size() + 1024, '\0');
  z_stream z = {};
  EXPECT_EQ(::deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(zipped.data());
  z.avail_out = static_cast<uInt>(zipped.size());
  EXPECT_EQ(::deflate(&z, Z_FINISH), Z_STREAM_END);
  zipped.resize(z.total_out);
  ::deflateEnd(&z);
  return zipped;
}

// An SGI picture of one colour, not packed.
inline std::string sgi_picture(std::uint16_t side, std::uint8_t channels, char value) {
  std::string picture(512, '\0');
  const auto big_endian = [&](std::size_t at, std::uint16_t number) {
    picture[at] = static_cast<char>(number >> 8);
    picture[at + 1] = static_cast<char>(number & 0xFF);
  };
  big_endian(0, 474);
  picture[3] = 1;
  big_endian(4, 3);
  big_endian(6, side);
  big_endian(8, side);
  big_endian(10, channels);
  return picture + std::string(std::size_t{side} * side * channels, value);
}

// Two cells with two tiles each; a lamp and a pylon that tiles of both place and that share a
// texture; a hangar in one tile; materials that two tiles draw with.
inline void put_flightgear_tree(const SourceFolder& source) {
  const auto tile = [&](const std::string& cell, std::uint32_t number, const std::string& terrain,
                        const std::string& objects) {
    Sphere area;
    ASSERT_TRUE(tile_area(number, area));
    BtgWriter mesh;
    mesh.sphere(area.center, static_cast<float>(area.radius)).vertices(5).triangles("Grass");
    if (number % 2 == 1) mesh.triangles("Rock");
    const std::string folder = "Scenery/Terrain/w030n60/" + cell + "/";
    const std::string name = std::to_string(number);
    source.put(folder + name + ".btg.gz", gzip(mesh.bytes()));
    source.put(folder + name + ".stg", "OBJECT_BASE " + name + ".btg\n" + terrain);
    if (!objects.empty())
      source.put("Scenery/Objects/w030n60/" + cell + "/" + name + ".stg", objects);
  };
  const std::string lamp = "OBJECT_SHARED Models/Lamp/lamp.xml -20.1 63.5 11.6 0.00\n";
  const std::string pylon = "OBJECT_SHARED Models/Power/pylon.ac -20.2 63.6 11.6 90\n";
  tile("w021n63", 2614864, lamp, "OBJECT_STATIC hangar.ac -20.1 63.5 12 75.1\n");
  tile("w021n63", 2614865, pylon, "");
  tile("w022n63", 2598480, lamp + pylon, "");
  tile("w022n63", 2598481, "OBJECT_SIGN {@L}19 -21.9 64.1 13.3 183.89 3\n# nothing\n", "");
  source.put("Scenery/Objects/w030n60/w021n63/hangar.ac", "AC3Db\ntexture \"hangar.rgb\"\n");
  source.put("Scenery/Objects/w030n60/w021n63/hangar.rgb", sgi_picture(16, 3, 'h'));
  source.put("Scenery/Models/Lamp/lamp.xml",
             "<?xml version=\"1.0\"?><PropertyList><path>lamp.ac</path></PropertyList>");
  source.put("Scenery/Models/Lamp/lamp.ac", "AC3Db\ntexture \"../Power/metal.rgb\"\n");
  source.put("Scenery/Models/Power/pylon.ac", "AC3Db\ntexture \"metal.rgb\"\n");
  source.put("Scenery/Models/Power/metal.rgb", sgi_picture(8, 4, 'm'));
  source.put("Scenery/Models/Power/unused.ac", "AC3Db\n");
  source.put("Materials/regions/materials.xml",
             "<PropertyList><region include=\"Materials/regions/all.xml\"/>"
             "<region include=\"Materials/regions/winter.xml\"/></PropertyList>");
  source.put(
      "Materials/regions/all.xml",
      "<PropertyList><material><name>Grass</name><texture>Terrain/grass.rgb</texture>"
      "</material><material><name>Rock</name><texture-set><texture>Terrain/rock.rgb</texture>"
      "<texture n=\"2\">Terrain/grass.rgb</texture></texture-set></material></PropertyList>");
  source.put("Materials/regions/winter.xml",
             "<PropertyList><condition><equals><property>sim/startup/season</property>"
             "<value>winter</value></equals></condition><material><name>Grass</name>"
             "<texture>Terrain/snow.rgb</texture></material></PropertyList>");
  for (const char* name : {"grass", "rock", "snow"})
    source.put("Textures/Terrain/" + std::string(name) + ".rgb", sgi_picture(32, 3, name[0]));
  source.put("Nasal/hello.nas", "print(\"hello\");");
  source.put("version", "2020.3");
}

}  // namespace nf
