#include "formats/wire/component.h"

#include <gtest/gtest.h>

#include <string>

namespace nf {
namespace {

TEST(Utf8, accepts_exactly_the_well_formed_code_points) {
  // Each code point in its shortest form, and no other sequence of that length that decodes to it.
  for (std::uint32_t point = 0; point <= 0x110000; point += point < 0x3000 ? 1 : 37) {
    std::string text;
    if (point < 0x80) {
      text = {static_cast<char>(point)};
    } else if (point < 0x800) {
      text = {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 63))};
    } else if (point < 0x10000) {
      text = {static_cast<char>(0xE0 | (point >> 12)),
              static_cast<char>(0x80 | ((point >> 6) & 63)),
              static_cast<char>(0x80 | (point & 63))};
    } else {
      text = {
          static_cast<char>(0xF0 | (point >> 18)), static_cast<char>(0x80 | ((point >> 12) & 63)),
          static_cast<char>(0x80 | ((point >> 6) & 63)), static_cast<char>(0x80 | (point & 63))};
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    EXPECT_EQ(is_utf8(text), !surrogate && point <= 0x10FFFF) << std::hex << point;
    const std::string cut = text.substr(0, text.size() - 1);
    EXPECT_EQ(is_utf8(cut), cut.empty()) << std::hex << point;
  }
}

TEST(Utf8, refuses_what_is_not_well_formed) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFE", "\xFF", "a\xC3", "\xC3(", "\xE2\x82", "\xE2(\xA1", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(""));
}

TEST(Component, is_any_name_of_a_file_that_stays_in_its_folder) {
  for (const char* name : {"a", "...", ".hidden", "w030n60", "a b",
                           "stra\xC3\x9F"
                           "e",
                           "\xF0\x9F\x98\x80", "C:", "-rf", "a..b"}) {
    EXPECT_TRUE(is_component(name)) << name;
  }
  EXPECT_TRUE(is_component(std::string(255, 'x')));
}

TEST(Component, is_not_what_leads_elsewhere_or_cannot_be_shown) {
  for (const char* name : {"", ".", "..", "/", "a/b", "/a", "a/", "\\", "a\\b", "\n", "a\tb",
                           "\x7F", "\x1F", "\xC0\xAF", "\xC0\xAE\xC0\xAE", "\xED\xA0\x80"}) {
    EXPECT_FALSE(is_component(name)) << name;
  }
  EXPECT_FALSE(is_component(std::string(256, 'x')));
  EXPECT_FALSE(is_component(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace nf
