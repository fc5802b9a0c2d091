// The rules of the source, held over the whole tree. What each rule is: source_rules.h.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_rules.h"

namespace nf::tidy {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_tree(NF_SOURCE_DIR);
  return files;
}

std::string report(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += "\n  " + finding.path;
    if (finding.line > 0) text += ":" + std::to_string(finding.line);
    text += ": " + finding.what;
  }
  return text;
}

template <class Rule>
Findings over_code(const Rule& rule) {
  Findings all;
  for (const SourceFile& file : tree()) {
    if (!is_code(file)) continue;
    const Findings found = rule(file);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

TEST(Tidy, finds_the_tree) {
  const auto code = std::count_if(tree().begin(), tree().end(), is_code);
  EXPECT_GT(code, 40);
}

TEST(Tidy, includes_keep_the_order_of_the_rooms) {
  const Findings found = over_code(check_order_of_includes);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, files_and_lines_are_short) {
  const Findings found = over_code(check_lengths);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, functions_are_short) {
  const Findings found = over_code(check_function_lengths);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, headers_open_with_a_comment) {
  const Findings found = over_code(check_header_comment);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, public_headers_are_cheap_to_include) {
  const Findings found = over_code(check_public_header);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, threads_stay_in_their_rooms) {
  const Findings found = over_code(check_threads);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, core_and_formats_throw_nothing) {
  const Findings found = over_code(check_exceptions);
  EXPECT_TRUE(found.empty()) << report(found);
}

TEST(Tidy, nothing_is_left_open) {
  Findings all;
  for (const SourceFile& file : tree()) {
    const Findings found = check_open_ends(file);
    all.insert(all.end(), found.begin(), found.end());
  }
  EXPECT_TRUE(all.empty()) << report(all);
}

TEST(Tidy, architecture_names_every_room) {
  const auto page = std::find_if(tree().begin(), tree().end(), [](const SourceFile& file) {
    return file.path == "ARCHITECTURE.md";
  });
  ASSERT_NE(page, tree().end());
  const Findings found = check_rooms_named(page->text, tree());
  EXPECT_TRUE(found.empty()) << report(found);
}

}  // namespace
}  // namespace nf::tidy
