// The rules find what they are for: snippets that break them, and look-alikes that do not.
#include "tests/tidy/source_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace nf::tidy {
namespace {

SourceFile file_at(const char* path, std::string text) {
  return {.path = path, .text = std::move(text)};
}

std::string repeated(const std::string& line, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line;
  return text;
}

TEST(OrderOfIncludes, refuses_a_higher_room) {
  const Findings found = check_order_of_includes(
      file_at("core/io/a.cpp", "#include \"core/stream/streamer_impl.h\"\n"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].line, 1u);
}

TEST(OrderOfIncludes, refuses_a_room_on_the_same_step) {
  EXPECT_EQ(
      check_order_of_includes(file_at("core/io/a.h", "#include \"core/codec/codec.h\"\n")).size(),
      1u);
  EXPECT_EQ(
      check_order_of_includes(file_at("core/stream/a.h", "#include \"core/mesh/b.h\"\n")).size(),
      1u);
}

TEST(OrderOfIncludes, lets_tests_see_tools_and_not_the_other_way_round) {
  EXPECT_EQ(check_order_of_includes(file_at("tools/x/a.h", "#include \"tests/y/b.h\"\n")).size(),
            1u);
  EXPECT_TRUE(
      check_order_of_includes(file_at("tests/y/b.h", "#include \"tools/x/a.h\"\n")).empty());
}

TEST(OrderOfIncludes, lets_benchmarks_see_tests_and_only_their_own_tests_see_them) {
  const std::string include = "#include \"bench/x/a.h\"\n";
  EXPECT_TRUE(
      check_order_of_includes(file_at("bench/x/a.h", "#include \"tests/y/b.h\"\n")).empty());
  EXPECT_TRUE(check_order_of_includes(file_at("tests/unit/bench/x/a_test.cpp", include)).empty());
  EXPECT_EQ(check_order_of_includes(file_at("tests/unit/core/a_test.cpp", include)).size(), 1u);
}

TEST(OrderOfIncludes, refuses_a_public_header_that_is_implemented_above) {
  EXPECT_EQ(
      check_order_of_includes(file_at("core/io/a.h", "#include <nearfield/streamer.h>\n")).size(),
      1u);
  EXPECT_EQ(check_order_of_includes(file_at("core/stream/a.h", "#include <nearfield/archive.h>\n"))
                .size(),
            1u);
}

TEST(OrderOfIncludes, refuses_a_relative_path_and_an_unknown_room) {
  EXPECT_EQ(check_order_of_includes(file_at("core/io/a.cpp", "#include \"a.h\"\n")).size(), 1u);
  EXPECT_EQ(check_order_of_includes(file_at("core/shed/a.cpp", "")).size(), 1u);
}

TEST(OrderOfIncludes, allows_lower_rooms_its_own_and_the_system) {
  const Findings found = check_order_of_includes(file_at(
      "formats/pack/a.cpp",
      "#include <vector>\n#include <nearfield/archive.h>\n#include \"formats/pack/pack.h\"\n"
      "#include \"formats/archive/verify.h\"\n#include \"core/base/array.h\"\n"));
  EXPECT_TRUE(found.empty());
}

TEST(Lengths, refuses_long_files_and_long_lines) {
  EXPECT_TRUE(check_lengths(file_at("core/io/a.cpp", repeated("x\n", 500))).empty());
  EXPECT_EQ(check_lengths(file_at("core/io/a.cpp", repeated("x\n", 501))).size(), 1u);
  EXPECT_EQ(check_lengths(file_at("core/include/nearfield/a.h", repeated("x\n", 251))).size(), 1u);
  EXPECT_TRUE(check_lengths(file_at("core/io/a.cpp", std::string(100, 'x'))).empty());
  EXPECT_EQ(check_lengths(file_at("core/io/a.cpp", std::string(101, 'x'))).size(), 1u);
  EXPECT_TRUE(check_lengths(file_at("core/io/a.cpp", repeated("\xC3\xA4", 100))).empty());
}

// A function of `lines` lines with the given first line.
std::string function_of(const std::string& first, std::size_t lines) {
  return first + "\n" + repeated("  f(1);\n", lines - 2) + "}\n";
}

TEST(FunctionLengths, measures_functions_wherever_they_stand) {
  for (const char* first :
       {"void f() {", "template <class T> T g(T a) const noexcept {", "TEST(A, b) {",
        "A::A(int b) : c_{b}, d_(b) {", "bool operator==(A a, B b) {", "struct Point f(int x) {",
        "auto h() -> std::vector<int> {"}) {
    EXPECT_TRUE(check_function_lengths(file_at("a.cpp", function_of(first, 60))).empty()) << first;
    EXPECT_EQ(check_function_lengths(file_at("a.cpp", function_of(first, 61))).size(), 1u) << first;
    const std::string nested =
        "namespace n {\nclass K {\n public:\n" + function_of(first, 61) + "};\n}\n";
    EXPECT_EQ(check_function_lengths(file_at("a.cpp", nested)).size(), 1u) << first;
  }
}

TEST(FunctionLengths, counts_no_brace_in_comments_strings_or_macros) {
  const std::string text =
      "#define OPEN {  \\\n  {\nvoid f() {\n  g(\"{\", '{', R\"x({ \" )x\");  // {\n  /* { */ "
      "h(1'000);\n}\n"
      "void k() {\n}\n";
  const std::vector<Function> functions = functions_of(text);
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].first_line, 3u);
  EXPECT_EQ(functions[0].last_line, 6u);
  EXPECT_EQ(functions[1].first_line, 7u);
}

TEST(FunctionLengths, leaves_types_and_tables_alone) {
  const std::string body = repeated("  {1, 2},\n", 80) + "};\n";
  EXPECT_TRUE(functions_of("constexpr Row rows[] = {\n" + body).empty());
  EXPECT_TRUE(functions_of("struct alignas(64) S {\n" + repeated("  int a = f(1);\n", 80) + "};\n")
                  .empty());
  EXPECT_TRUE(functions_of("enum class E : int {\n" + repeated("  a,\n", 80) + "};\n").empty());
}

TEST(HeaderComment, wants_two_lines_or_one_where_headers_are_only_gathered) {
  EXPECT_EQ(check_header_comment(file_at("a.h", "#pragma once\nint x;\n")).size(), 1u);
  EXPECT_EQ(check_header_comment(file_at("a.h", "// One.\n#pragma once\nint x;\n")).size(), 1u);
  EXPECT_TRUE(
      check_header_comment(file_at("a.h", "// One.\n// Two.\n#pragma once\nint x;\n")).empty());
  EXPECT_TRUE(
      check_header_comment(file_at("a.h", "// All.\n#pragma once\n#include <b.h>\n")).empty());
  EXPECT_TRUE(check_header_comment(file_at("a.cpp", "int x;\n")).empty());
}

TEST(PublicHeader, includes_nothing_dear) {
  for (const char* name : {"memory", "string", "chrono", "zstd.h", "fmt/core.h"}) {
    const std::string text = "#include <" + std::string(name) + ">\n";
    EXPECT_EQ(check_public_header(file_at("core/include/nearfield/a.h", text)).size(), 1u) << name;
    EXPECT_TRUE(check_public_header(file_at("core/io/a.h", text)).empty()) << name;
  }
  EXPECT_EQ(check_public_header(file_at("core/include/nearfield/a.h", "#include \"core/io/b.h\"\n"))
                .size(),
            1u);
  EXPECT_TRUE(
      check_public_header(file_at("core/include/nearfield/a.h", "#include <span>\n")).empty());
  EXPECT_TRUE(
      check_public_header(file_at("formats/include/nearfield/a.h", "#include <string>\n")).empty());
  EXPECT_EQ(
      check_public_header(file_at("formats/include/nearfield/a.h", "#include <chrono>\n")).size(),
      1u);
}

TEST(Threads, stay_where_they_belong) {
  EXPECT_EQ(check_threads(file_at("core/stream/a.cpp", "#include <mutex>\n")).size(), 1u);
  EXPECT_EQ(check_threads(file_at("core/base/a.h", "std::atomic<int> x;\n")).size(), 1u);
  EXPECT_TRUE(check_threads(file_at("core/base/a.h", "// std::atomic is elsewhere\n")).empty());
  EXPECT_TRUE(check_threads(file_at("core/base/bounded_queue.h", "#include <atomic>\n")).empty());
  EXPECT_TRUE(check_threads(file_at("core/io/a.cpp", "#include <thread>\n")).empty());
  EXPECT_TRUE(check_threads(file_at("tools/a.cpp", "#include <thread>\n")).empty());
}

TEST(Exceptions, are_not_thrown_in_core_and_formats) {
  EXPECT_EQ(check_exceptions(file_at("formats/a/a.cpp", "  throw 1;\n")).size(), 1u);
  EXPECT_TRUE(check_exceptions(file_at("formats/a/a.cpp", "// libraries throw errors\n")).empty());
  EXPECT_TRUE(check_exceptions(file_at("tools/a.cpp", "  throw 1;\n")).empty());
}

TEST(OpenEnds, are_found_in_any_text) {
  EXPECT_EQ(check_open_ends(file_at("a.md", std::string("TO") + "DO: later\n")).size(), 1u);
  EXPECT_EQ(
      check_open_ends(file_at("a.cpp", std::string("open(\"/ho") + "me/someone/x\")\n")).size(),
      1u);
  EXPECT_TRUE(check_open_ends(file_at("a.cpp", "open(\"data/x\")\n")).empty());
}

TEST(RoomsNamed, are_the_rooms_there_are) {
  const std::vector<SourceFile> files = {file_at("core/io/a.h", ""), file_at("core/new/b.h", "")};
  const Findings found =
      check_rooms_named("| `core/io/` | reads |\n| `core/gone/` | was |\n", files);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, "ARCHITECTURE.md");
  EXPECT_EQ(found[1].path, "core/new/");
}

}  // namespace
}  // namespace nf::tidy
