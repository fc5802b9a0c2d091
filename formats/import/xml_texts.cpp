#include "formats/import/xml_texts.h"

#include <algorithm>

namespace nf {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

struct Entity {
  std::string_view written;
  char meant;
};
constexpr Entity kEntities[] = {
    {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

class Reader {
 public:
  explicit Reader(std::string_view xml) : xml_(xml) {}

  Result<std::vector<XmlText>> read() {
    while (at_ < xml_.size()) {
      const std::size_t open = std::min(xml_.find('<', at_), xml_.size());
      add_text(xml_.substr(at_, open - at_));
      at_ = open;
      if (at_ < xml_.size() && !take_markup()) return malformed();
    }
    if (!open_.empty()) return malformed();
    return std::move(texts_);
  }

 private:
  struct Open {
    std::uint32_t index = 0;
    std::size_t path_size = 0;  // of path_ before it was opened
    std::string_view name;
  };

  Error malformed() const {
    const auto lines =
        std::count(xml_.begin(), xml_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    return Error{.code = ErrorCode::source_malformed,
                 .subject_kind = Subject::line,
                 .subject = static_cast<std::uint32_t>(lines + 1),
                 .at = at_};
  }

  bool skip_past(std::string_view end) {
    const std::size_t found = xml_.find(end, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + end.size();
    return true;
  }

  bool take_markup() {
    const std::string_view rest = xml_.substr(at_);
    if (rest.starts_with("<!--")) return skip_past("-->");
    if (rest.starts_with("<?")) return skip_past("?>");
    if (rest.starts_with("<![CDATA[")) {
      const std::size_t first = at_ + 9;
      if (!skip_past("]]>")) return false;
      if (!open_.empty()) texts_[open_.back().index].text += xml_.substr(first, at_ - 3 - first);
      return true;
    }
    if (rest.starts_with("<!")) return skip_past(">");
    const std::size_t close = find_close();
    if (close == std::string_view::npos) return false;
    const std::string_view inside = xml_.substr(at_ + 1, close - at_ - 1);
    const bool good =
        inside.starts_with('/') ? close_element(inside.substr(1)) : open_element(inside);
    if (good) at_ = close + 1;
    return good;
  }

  // The '>' that ends a tag: not one inside quotes.
  std::size_t find_close() const {
    char quote = 0;
    for (std::size_t i = at_ + 1; i < xml_.size(); ++i) {
      const char c = xml_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  bool open_element(std::string_view tag) {
    const bool empty = tag.ends_with('/');
    if (empty) tag.remove_suffix(1);
    std::size_t end = 0;
    while (end < tag.size() && !is_space(tag[end])) ++end;
    const std::string_view name = tag.substr(0, end);
    if (name.empty() || open_.size() >= kXmlDepthMax || texts_.size() >= kXmlElementsMax ||
        path_.size() + name.size() > kXmlPathMax)
      return false;
    const std::size_t path_size = path_.size();
    if (!path_.empty()) path_ += '/';
    path_ += name;
    const std::uint32_t parent = open_.empty() ? 0 : open_.back().index + 1;
    const auto index = static_cast<std::uint32_t>(texts_.size());
    texts_.push_back({.path = path_,
                      .text = {},
                      .attributes = std::string(trimmed(tag.substr(end))),
                      .parent = parent,
                      .element = index + 1});
    if (empty) {
      path_.resize(path_size);
    } else {
      open_.push_back({.index = index, .path_size = path_size, .name = name});
    }
    return true;
  }

  bool close_element(std::string_view name) {
    if (open_.empty() || trimmed(name) != open_.back().name) return false;
    path_.resize(open_.back().path_size);
    open_.pop_back();
    return true;
  }

  void add_text(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && !open_.empty()) texts_[open_.back().index].text += without_entities(text);
  }

  std::string_view xml_;
  std::size_t at_ = 0;
  std::vector<XmlText> texts_;
  std::vector<Open> open_;
  std::string path_;
};

}  // namespace

std::string without_entities(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const Entity& e) { return text.starts_with(e.written); });
    if (text.front() == '&' && entity != std::end(kEntities)) {
      plain += entity->meant;
      text.remove_prefix(entity->written.size());
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

Result<std::vector<XmlText>> parse_xml_texts(std::string_view xml) {
  return Reader(xml).read();
}

std::string_view find_attribute(std::string_view attributes, std::string_view name) {
  for (std::size_t at = attributes.find(name); at != std::string_view::npos;
       at = attributes.find(name, at + 1)) {
    if (at > 0 && !is_space(attributes[at - 1])) continue;
    std::string_view rest = trimmed(attributes.substr(at + name.size()));
    if (!rest.starts_with('=')) continue;
    rest = trimmed(rest.substr(1));
    if (rest.size() < 2 || (rest.front() != '"' && rest.front() != '\'')) return {};
    const std::size_t end = rest.find(rest.front(), 1);
    return end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
  }
  return {};
}

}  // namespace nf
