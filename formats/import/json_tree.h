// JsonTree: a JSON text as a tree that remembers where in the text each value stands.
//
// Any thread. Wraps nlohmann-json's parser, whose exceptions end here. Hostile texts are refused
// with a line and a column: too large, too deep, too many values, the same key twice in one object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

namespace nf {

enum class JsonKind : std::uint8_t { null, boolean, number, text, array, object };

struct JsonValue {
  JsonKind kind = JsonKind::null;
  bool truth = false;
  std::uint32_t at = 0;  // just behind the value's first token, in bytes of the text
  double number = 0;
  std::string key;  // of a member of an object
  std::string text;
  std::vector<JsonValue> items;  // of an array, or members of an object
};

const char* json_kind_name(JsonKind kind);
const JsonValue* find_member(const JsonValue& object, std::string_view key);

struct JsonLimits {
  std::uint64_t size_max = 256u << 20;
  std::uint32_t values_max = 4'000'000;
  std::uint32_t depth_max = 200;
};

// On failure `detail` is "line:column: cause" and the error's subject the line.
Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits, std::string& detail);

struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
TextPlace place_in(std::string_view text, std::size_t at);

}  // namespace nf
