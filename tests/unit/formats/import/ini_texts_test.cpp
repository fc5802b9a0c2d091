// INI files: what a line may be, and which line is named when it is not.
#include <gtest/gtest.h>

#include "core/base/prng.h"
#include "formats/import/ini_texts.h"

namespace nf {
namespace {

TEST(IniTexts, gives_sections_keys_values_and_lines) {
  const Result<std::vector<IniSection>> sections = parse_ini(
      "\xEF\xBB\xBF# about\n[moon]\r\nName = The Moon ; ours\n radius=1737.4 # mean\n"
      "color=#fff\n\n; nothing\n[ mars ]\nname=Mars");
  ASSERT_TRUE(sections);
  ASSERT_EQ(sections->size(), 2u);
  const IniSection& moon = (*sections)[0];
  EXPECT_EQ(moon.name, "moon");
  EXPECT_EQ(moon.line, 2u);
  EXPECT_EQ(moon.find("name")->value, "The Moon");
  EXPECT_EQ(moon.find("radius")->value, "1737.4");
  EXPECT_EQ(moon.find("radius")->line, 4u);
  EXPECT_EQ(moon.find("color")->value, "#fff");
  EXPECT_EQ(moon.find("albedo"), nullptr);
  EXPECT_EQ((*sections)[1].name, "mars");
}

TEST(IniTexts, lets_the_last_of_equal_keys_hold) {
  const Result<std::vector<IniSection>> sections = parse_ini("[a]\nk=1\nK=2\n");
  ASSERT_TRUE(sections);
  EXPECT_EQ((*sections)[0].entries.size(), 2u);
  EXPECT_EQ((*sections)[0].find("k")->value, "2");
}

TEST(IniTexts, names_the_line_that_is_nothing) {
  for (const char* wrong :
       {"[a]\nk=1\nnothing\n", "[a]\n\n=1", "[a]\n\n[b", "# a\n\nk=1", "\n\n[]"}) {
    const Result<std::vector<IniSection>> sections = parse_ini(wrong);
    ASSERT_FALSE(sections) << wrong;
    EXPECT_EQ(sections.error().code, ErrorCode::source_malformed);
    EXPECT_EQ(sections.error().subject_kind, Subject::line);
    EXPECT_EQ(sections.error().subject, 3u) << wrong;
  }
}

TEST(IniTexts, refuses_more_lines_than_it_reads) {
  const Result<std::vector<IniSection>> sections = parse_ini(std::string(kIniLinesMax + 1, '\n'));
  ASSERT_FALSE(sections);
  EXPECT_EQ(sections.error().code, ErrorCode::limit_exceeded);
}

TEST(IniTexts, survives_any_bytes) {
  Prng chance(5);
  const std::string_view alphabet = "[]=;# \r\n\tab\xC3";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t n = chance.below(40); n > 0; --n)
      text += alphabet[chance.below(alphabet.size())];
    const Result<std::vector<IniSection>> sections = parse_ini(text);
    if (!sections) continue;
    for (const IniSection& section : *sections)
      for (const IniEntry& entry : section.entries) EXPECT_FALSE(entry.key.empty());
  }
}

}  // namespace
}  // namespace nf
