#include "formats/import/json_tree.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "formats/pack/check_source.h"

namespace nf {

namespace {

// Reads a text and keeps count of how far the parser has come.
struct CountingIterator {
  using difference_type = std::ptrdiff_t;
  using value_type = char;
  using pointer = const char*;
  using reference = const char&;
  using iterator_category = std::input_iterator_tag;

  const char* at = nullptr;
  std::size_t* count = nullptr;

  const char& operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at;
    ++*count;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at == other.at; }
  bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

// Receives nlohmann's events. The names of the functions are that library's.
class TreeBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  TreeBuilder(const JsonLimits& limits, const std::size_t& position)
      : limits_(limits), position_(position) {}

  bool null() { return add(JsonKind::null) != nullptr; }
  bool boolean(bool truth) {
    JsonValue* value = add(JsonKind::boolean);
    if (value != nullptr) value->truth = truth;
    return value != nullptr;
  }
  bool number_integer(number_integer_t number) { return add_number(static_cast<double>(number)); }
  bool number_unsigned(number_unsigned_t number) { return add_number(static_cast<double>(number)); }
  bool number_float(number_float_t number, const string_t&) { return add_number(number); }
  bool string(string_t& text) {
    JsonValue* value = add(JsonKind::text);
    if (value != nullptr) value->text = std::move(text);
    return value != nullptr;
  }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool end_array() { return close(); }
  bool key(string_t& name) {
    for (const JsonValue& member : open_.back()->items) {
      if (member.key == name)
        return fail("the key " + quoted_name(name) + " stands twice in one object");
    }
    if (open_.back()->items.size() >= kMembersMax) return fail("an object has over 256 keys");
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception&) {
    return fail(token.empty() || token == "<U+0000>"
                    ? "the text ends too early"
                    : "this is not JSON, near " + quoted_name(token));
  }

  JsonValue take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  // Members are compared one by one, so their number has to stay small.
  static constexpr std::size_t kMembersMax = 256;

  bool fail(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
    return false;
  }

  JsonValue* add(JsonKind kind) {
    if (++values_ > limits_.values_max) {
      fail("more than " + std::to_string(limits_.values_max) + " values");
      return nullptr;
    }
    JsonValue* value = &root_;
    if (!open_.empty()) value = &open_.back()->items.emplace_back();
    value->kind = kind;
    value->at = static_cast<std::uint32_t>(position_);
    if (!open_.empty() && open_.back()->kind == JsonKind::object) value->key = std::move(key_);
    return value;
  }

  bool add_number(double number) {
    if (!std::isfinite(number)) return fail("a number is too large");
    JsonValue* value = add(JsonKind::number);
    if (value != nullptr) value->number = number;
    return value != nullptr;
  }

  // A value that is open is the last of its parent and stays where it is until it is closed.
  bool open(JsonKind kind) {
    if (open_.size() >= limits_.depth_max)
      return fail("nested deeper than " + std::to_string(limits_.depth_max));
    JsonValue* value = add(kind);
    if (value != nullptr) open_.push_back(value);
    return value != nullptr;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  const std::size_t& position_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string key_;
  std::string problem_;
  std::uint32_t values_ = 0;
};

Error refuse(std::string_view text, std::size_t at, const std::string& problem,
             std::string& detail) {
  const TextPlace place = place_in(text, at);
  detail = std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + problem;
  return Error{.code = ErrorCode::source_malformed,
               .subject_kind = Subject::line,
               .subject = place.line,
               .at = at};
}

}  // namespace

const char* json_kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "true or false";
    case JsonKind::number: return "a number";
    case JsonKind::text: return "a text";
    case JsonKind::array: return "a list";
    case JsonKind::object: return "an object";
  }
  return "nothing";
}

const JsonValue* find_member(const JsonValue& object, std::string_view key) {
  for (const JsonValue& member : object.items) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

TextPlace place_in(std::string_view text, std::size_t at) {
  TextPlace place;
  at = std::min(at, text.size());
  for (const char c : text.substr(0, at > 0 ? at - 1 : 0)) {
    place.column += 1;
    if (c == '\n') place = {.line = place.line + 1, .column = 1};
  }
  return place;
}

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits, std::string& detail) {
  if (text.size() > limits.size_max || text.size() > UINT32_MAX) {
    detail = "1:1: the text is larger than " + std::to_string(limits.size_max) + " bytes";
    return Error{.code = ErrorCode::limit_exceeded, .subject_kind = Subject::line, .subject = 1};
  }
  std::size_t position = 0;
  TreeBuilder builder(limits, position);
  const CountingIterator first{.at = std::to_address(text.begin()), .count = &position};
  const CountingIterator last{.at = std::to_address(text.end()), .count = &position};
  try {
    if (nlohmann::json::sax_parse(first, last, &builder)) return builder.take();
  } catch (const std::bad_alloc&) {
    detail = "1:1: not enough memory for this text";
    return Error{.code = ErrorCode::out_of_memory};
  } catch (const std::exception&) {
    return refuse(text, position, "this is not JSON", detail);
  }
  return refuse(text, position, builder.problem(), detail);
}

}  // namespace nf
