#include "tools/nearfield/sizes.h"

#include <cctype>
#include <charconv>
#include <cinttypes>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace nf {
namespace {

// Reads a decimal number at the start of `text` and moves past it.
bool take_number(std::string_view& text, double& number) {
  const std::from_chars_result end =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (end.ec != std::errc{} || !std::isfinite(number)) return false;
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  return true;
}

std::optional<double> unit_of(std::string_view suffix) {
  std::string word;
  for (const char letter : suffix) {
    if (letter != ' ') word += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  if (word.empty() || word == "b") return 1;
  const std::size_t power = std::string_view("kmgt").find(word[0]);
  if (power == std::string_view::npos) return std::nullopt;
  const double exponent = static_cast<double>(power + 1);
  const std::string_view rest = std::string_view(word).substr(1);
  if (rest.empty() || rest == "ib") return std::pow(1024.0, exponent);
  if (rest == "b") return std::pow(1000.0, exponent);
  return std::nullopt;
}

}  // namespace

std::optional<Bytes> parse_size(std::string_view text) {
  // Whole bytes first: a double holds only 53 bits.
  std::uint64_t whole = 0;
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (end.ec == std::errc{} && end.ptr == text.data() + text.size()) return Bytes{whole};

  double number = 0;
  if (text.empty() || text[0] == '-' || !take_number(text, number)) return std::nullopt;
  const std::optional<double> unit = unit_of(text);
  if (!unit) return std::nullopt;
  const double bytes = std::round(number * *unit);
  if (bytes >= 0x1p63) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(bytes)};
}

std::string human_size(Bytes size) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (size.value < 1000) return text_of("%" PRIu64 " B", size.value);
  double number = static_cast<double>(size.value);
  std::size_t unit = 0;
  while (number >= 999.5 && unit + 1 < std::size(kUnits)) {
    number /= 1000;
    ++unit;
  }
  const int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return text_of("%.*f %s", decimals, number, kUnits[unit]);
}

std::string given_size(Bytes size) {
  struct Family {
    std::uint64_t step;
    const char* units[5];
  };
  static constexpr Family kFamilies[] = {{1024, {"B", "KiB", "MiB", "GiB", "TiB"}},
                                         {1000, {"B", "kB", "MB", "GB", "TB"}}};
  std::uint64_t least = size.value;
  const char* unit = "B";
  for (const Family& family : kFamilies) {
    std::uint64_t number = size.value;
    std::size_t power = 0;
    for (; power + 1 < std::size(family.units) && number > 0 && number % family.step == 0; ++power)
      number /= family.step;
    if (number >= least) continue;
    least = number;
    unit = family.units[power];
  }
  return text_of("%" PRIu64 " %s", least, unit);
}

std::string limit_size(Bytes size) {
  const std::string given = given_size(size);
  return human_size(size) + (given.ends_with("iB") ? " (" + given + ")" : "");
}

std::string human_time(double seconds) {
  if (!(seconds >= 0)) return "?";
  if (seconds < 9.95) return text_of("%.1f s", seconds);
  if (seconds < 99.5) return text_of("%.0f s", seconds);
  const std::uint64_t whole = static_cast<std::uint64_t>(std::llround(std::fmin(seconds, 1e15)));
  if (whole < 3600) return text_of("%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
  return text_of("%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60, whole % 60);
}

std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural) {
  const bool several = number != 1;
  std::string text = grouped(number) + " ";
  text += several && !plural.empty() ? plural : noun;
  return several && plural.empty() ? text + "s" : text;
}

std::optional<WorldVector> parse_vector(std::string_view text) {
  double parts[3] = {};
  for (int i = 0; i < 3; ++i) {
    if (i > 0) {
      if (text.empty() || text[0] != ',') return std::nullopt;
      text.remove_prefix(1);
    }
    const std::from_chars_result end =
        std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    if (end.ec != std::errc{} || !std::isfinite(parts[i])) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  }
  if (!text.empty()) return std::nullopt;
  return WorldVector{parts[0], parts[1], parts[2]};
}

std::string hex(PathHash hash) {
  return text_of("%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
}

std::string text_of(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string text(static_cast<std::size_t>(size < 0 ? 0 : size), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  return text;
}

}  // namespace nf
