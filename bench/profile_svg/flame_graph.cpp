#include "bench/profile_svg/flame_graph.h"

#include <algorithm>

#include "tools/nearfield/sizes.h"
#include "tools/nearfield/svg_chart.h"

namespace nf::bench {
namespace {

constexpr double kWidth = 1400, kMargin = 10, kRow = 17, kTop = 56;
constexpr double kNarrowest = 0.3;  // what is narrower is not drawn
constexpr double kLetter = 6.3;     // width, at the size of the style

constexpr const char* kStyle =
    "<style>text{font:11px monospace;fill:#1b1b1b}.title{font-size:15px}"
    "rect{stroke:#fff;stroke-width:.6}rect:hover{stroke:#000}"
    ".ours{fill:#e8a33d}.library{fill:#8fb8de}.kernel{fill:#c9a0c9}</style>\n";

const char* style_of(CodeKind kind) {
  switch (kind) {
    case CodeKind::ours: return "ours";
    case CodeKind::library: return "library";
    case CodeKind::kernel: return "kernel";
  }
  return "";
}

std::string legend() {
  std::string svg;
  double x = kMargin;
  for (const auto& [kind, words] : {std::pair{CodeKind::ours, "nearfield"},
                                    {CodeKind::library, "libraries"},
                                    {CodeKind::kernel, "kernel"}}) {
    svg += text_of("<rect class='%s' x='%g' y='32' width='12' height='12'/>", style_of(kind), x);
    svg += text_of("<text x='%g' y='42'>%s</text>\n", x + 17, words);
    x += 110;
  }
  return svg;
}

class Drawing {
 public:
  explicit Drawing(const CallTree& tree) : tree_(tree) {
    const auto all = static_cast<double>(std::max<std::uint64_t>(tree.nodes.front().samples, 1));
    scale_ = (kWidth - 2 * kMargin) / all;
    draw();
  }
  double height() const { return kTop + kRow * (deepest_ + 1) + kMargin; }
  const std::string& boxes() const { return svg_; }

 private:
  struct Place {
    std::uint32_t node = 0;
    double x = 0;
  };

  // Callers first; y is turned about by the group around them, so that flames rise.
  void draw() {
    std::vector<Place> waiting = {{.node = 0, .x = kMargin}};
    while (!waiting.empty()) {
      const Place place = waiting.back();
      waiting.pop_back();
      const CallNode& node = tree_.nodes[place.node];
      const double width = static_cast<double>(node.samples) * scale_;
      if (width < kNarrowest) continue;
      deepest_ = std::max(deepest_, static_cast<double>(node.depth));
      draw_box(node, place.x, width);
      std::vector<std::uint32_t> called = node.called;
      std::sort(called.begin(), called.end(), [this](std::uint32_t a, std::uint32_t b) {
        return tree_.nodes[a].name < tree_.nodes[b].name;
      });
      double x = place.x;
      for (const std::uint32_t next : called) {
        waiting.push_back({.node = next, .x = x});
        x += static_cast<double>(tree_.nodes[next].samples) * scale_;
      }
    }
  }

  void draw_box(const CallNode& node, double x, double width) {
    const double y = -kRow * (node.depth + 1);
    const double part = width / (kWidth - 2 * kMargin) * 100;
    svg_ += "<g><title>" + escaped(node.name) +
            text_of(": %.2f %%, %llu samples, %llu in itself</title>", part,
                    static_cast<unsigned long long>(node.samples),
                    static_cast<unsigned long long>(node.self));
    svg_ += text_of("<rect class='%s' x='%.2f' y='%g' width='%.2f' height='%g'/>",
                    style_of(node.kind), x, y, width, kRow);
    const auto letters = static_cast<std::size_t>(std::max(0.0, (width - 6) / kLetter));
    if (letters >= 4) {
      std::string words = node.name;
      if (words.size() > letters) words.replace(letters - 2, std::string::npos, "..");
      svg_ += text_of("<text x='%.2f' y='%g'>", x + 3, y + 12) + escaped(words) + "</text>";
    }
    svg_ += "</g>\n";
  }

  const CallTree& tree_;
  double scale_ = 0;
  double deepest_ = 0;
  std::string svg_;
};

}  // namespace

std::string flame_graph_svg(const CallTree& tree, const std::string& title) {
  const Drawing drawing(tree);
  return text_of("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g'>\n", kWidth,
                 drawing.height()) +
         kStyle + "<rect width='100%' height='100%' style='fill:#fff'/>\n" +
         text_of("<text class='title' x='%g' y='21'>", kMargin) + escaped(title) + "</text>\n" +
         legend() + text_of("<g transform='translate(0 %g)'>\n", drawing.height() - kMargin) +
         drawing.boxes() + "</g>\n</svg>\n";
}

}  // namespace nf::bench
