#include "tools/predict/line_protocol.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace nf::predict {
namespace {

constexpr std::size_t kWordsMax = 32;
constexpr std::size_t kMapNameMax = 256;
constexpr std::uint64_t kNameMax = std::uint64_t{1} << 53;
constexpr double kPlaceMax = 1e18;
constexpr double kSecondsMax = 1e12;
constexpr std::size_t kShownMax = 40;

std::string quoted(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, kShownMax)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte >= 0x7F ? '?' : c;
  }
  return shown + (text.size() > kShownMax ? "...'" : "'");
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (words.size() <= kWordsMax) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// None if it is no number, or not from `least` to `most`.
std::optional<double> number_in(std::string_view word, double least, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  if (!(value >= least && value <= most)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> count_in(std::string_view word, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value > most) return std::nullopt;
  return value;
}

std::string wrong(const char* what, std::string_view word) {
  return std::string(what) + " cannot be " + quoted(word);
}

// The keys of TRACE whose values are numbers.
struct TraceKey {
  std::string_view name;
  double TraceInfo::* field;
  double least, most;
};
constexpr TraceKey kTraceKeys[] = {
    {"dt", &TraceInfo::dt, 1e-9, 1e9},           {"B", &TraceInfo::bytes_per_second, 1e-3, 1e18},
    {"L", &TraceInfo::pipeline_seconds, 0, 1e9}, {"M", &TraceInfo::memory, 0, 1e18},
    {"vstar", &TraceInfo::vstar, 0, 1e15},
};
constexpr const char* kTraceForm =
    "TRACE takes map= dt= B= L= M= vstar= flat= levels=, each once, with numbers in range";

// False: it is a key of ours with a value that it cannot have, or comes again.
bool take_key(std::string_view key, std::string_view value, TraceInfo& trace,
              std::vector<std::string_view>& seen) {
  constexpr std::string_view kOthers[] = {"map", "flat", "levels"};
  const auto* number = std::find_if(std::begin(kTraceKeys), std::end(kTraceKeys),
                                    [&](const TraceKey& known) { return known.name == key; });
  const bool ours = number != std::end(kTraceKeys) ||
                    std::find(std::begin(kOthers), std::end(kOthers), key) != std::end(kOthers);
  if (!ours) return true;
  if (std::find(seen.begin(), seen.end(), key) != seen.end()) return false;
  seen.push_back(key);
  if (number != std::end(kTraceKeys)) {
    const std::optional<double> read = number_in(value, number->least, number->most);
    trace.*(number->field) = read.value_or(0);
    return read.has_value();
  }
  if (key == "map") {
    trace.map = std::string(value);
    return value.size() <= kMapNameMax;
  }
  const std::uint64_t most = key == "flat" ? 1 : kProtocolLevelsMax;
  const std::optional<std::uint64_t> read = count_in(value, most);
  if (key == "flat") trace.flat = read.value_or(0) == 1;
  if (key == "levels") trace.levels = static_cast<std::uint32_t>(read.value_or(0));
  return read.has_value();
}

bool same(const ContainerInfo& a, const ContainerInfo& b) {
  const auto equal = [](WorldPosition p, WorldPosition q) {
    return p.x == q.x && p.y == q.y && p.z == q.z;
  };
  return a.level == b.level && a.bytes == b.bytes && equal(a.box.low, b.box.low) &&
         equal(a.box.high, b.box.high);
}

}  // namespace

std::string LineServer::take_trace(const Words& words) {
  TraceInfo trace;
  Words seen;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string_view::npos) return wrong("a part of TRACE", words[i]);
    if (!take_key(words[i].substr(0, equals), words[i].substr(equals + 1), trace, seen)) {
      return std::string(kTraceForm) + "; not " + quoted(words[i]);
    }
  }
  if (seen.size() != std::size(kTraceKeys) + 3) return kTraceForm;
  trace_ = trace;
  traced_ = true;
  reach_.assign(trace.levels, -1);
  known_.clear();
  names_.clear();
  policy_->begin(trace_);
  return "";
}

std::string LineServer::take_level(const Words& words) {
  if (words.size() != 3 || !words[2].starts_with("R=")) return "LEVEL takes a level and R=";
  const auto level = count_in(words[1], kProtocolLevelsMax);
  if (!level || *level >= trace_.levels) return wrong("a level of this trace", words[1]);
  const auto reach = number_in(words[2].substr(2), 0, kPlaceMax);
  if (!reach) return wrong("a need radius", words[2]);
  double& known = reach_[static_cast<std::size_t>(*level)];
  if (known >= 0 && known != *reach) return "this level was told already, with another radius";
  known = *reach;
  policy_->level(static_cast<std::uint32_t>(*level), *reach);
  return "";
}

std::string LineServer::take_container(const Words& words) {
  if (words.size() != 10) return "C takes an id, a level, six sides of a box and a size in bytes";
  const auto name = count_in(words[1], kNameMax);
  if (!name) return wrong("the id of a container", words[1]);
  const auto level = count_in(words[2], kProtocolLevelsMax);
  if (!level || *level >= reach_.size() || reach_[static_cast<std::size_t>(*level)] < 0) {
    return wrong("a level that was told", words[2]);
  }
  double numbers[7] = {};
  for (std::size_t i = 0; i < 7; ++i) {
    const auto number = number_in(words[3 + i], i == 6 ? 0 : -kPlaceMax, kPlaceMax);
    if (!number) return wrong(i == 6 ? "a size in bytes" : "the side of a box", words[3 + i]);
    numbers[i] = *number;
  }
  const ContainerInfo info{
      .level = static_cast<std::uint32_t>(*level),
      .box = {{numbers[0], numbers[1], numbers[2]}, {numbers[3], numbers[4], numbers[5]}},
      .bytes = numbers[6]};
  if (!(info.box.low.x <= info.box.high.x && info.box.low.y <= info.box.high.y &&
        info.box.low.z <= info.box.high.z)) {
    return "the box ends before it begins";
  }
  if (const auto found = known_.find(*name); found != known_.end()) {
    return same(found->second.info, info) ? "" : "this container was announced otherwise before";
  }
  if (names_.size() == kProtocolContainersMax) return "there are more than 1,000,000 containers";
  const auto id = static_cast<std::uint32_t>(names_.size());
  known_.emplace(*name, Known{id, info});
  names_.push_back(*name);
  policy_->container(id, info);
  return "";
}

std::string LineServer::take_state(const Words& words) {
  if (words.size() != 3) return "S takes an id and a state";
  const auto name = count_in(words[1], kNameMax);
  const auto found = name ? known_.find(*name) : known_.end();
  if (found == known_.end()) return wrong("the id of an announced container", words[1]);
  const auto stage = count_in(words[2], 3);
  if (!stage) return wrong("a state, which is 0, 1, 2 or 3,", words[2]);
  policy_->state(found->second.id, static_cast<Stage>(*stage));
  return "";
}

void LineServer::say(char verb, std::vector<Scored>& list, std::string& said) const {
  std::sort(list.begin(), list.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  for (const Scored& scored : list) {
    if (scored.id >= names_.size() || !std::isfinite(scored.score)) continue;
    // A score of what is wanted is more than 0, or it means nothing.
    if (verb == 'W' && !(scored.score > 0)) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%c %llu %.7g\n", verb,
                  static_cast<unsigned long long>(names_[scored.id]),
                  static_cast<double>(std::min(scored.score, 1.0f)));
    said += text;
  }
}

std::string LineServer::take_update(const Words& words, std::string& said) {
  if (words.size() != 5) return "U takes a time and three coordinates";
  double numbers[4] = {};
  for (std::size_t i = 0; i < 4; ++i) {
    const double most = i == 0 ? kSecondsMax : kPlaceMax;
    const auto number = number_in(words[1 + i], -most, most);
    if (!number) return wrong(i == 0 ? "a time" : "a coordinate", words[1 + i]);
    numbers[i] = *number;
  }
  if (std::find(reach_.begin(), reach_.end(), -1) != reach_.end()) {
    return "a level of this trace was not told yet";
  }
  answer_.clear();
  policy_->update(numbers[0], {numbers[1], numbers[2], numbers[3]}, answer_);
  say('W', answer_.want, said);
  say('K', answer_.keep, said);
  said += ".\n";
  return "";
}

LineServer::Next LineServer::take(std::string_view line, std::string& said) {
  ++line_;
  const auto refuse = [&](const std::string& why) {
    said = "line " + std::to_string(line_) + ": " + why;
    return Next::refuse;
  };
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kProtocolLineMax) return refuse("longer than 4096 bytes");
  const Words words = words_of(line);
  if (words.empty()) return Next::go_on;
  if (words.size() > kWordsMax) return refuse("more than 32 words");
  const std::string_view verb = words[0];
  if (verb == "QUIT") return words.size() == 1 ? Next::quit : refuse("QUIT stands alone");
  const bool known =
      verb == "TRACE" || verb == "LEVEL" || verb == "C" || verb == "S" || verb == "U";
  if (!known) {
    return refuse("a line begins with TRACE, LEVEL, C, S, U or QUIT, and not with " + quoted(verb));
  }
  if (verb != "TRACE" && !traced_) return refuse("there was no TRACE yet");
  said.clear();
  const std::string why = verb == "TRACE"   ? take_trace(words)
                          : verb == "LEVEL" ? take_level(words)
                          : verb == "C"     ? take_container(words)
                          : verb == "S"     ? take_state(words)
                                            : take_update(words, said);
  if (!why.empty()) return refuse(why);
  return verb == "U" ? Next::answer : Next::go_on;
}

}  // namespace nf::predict
