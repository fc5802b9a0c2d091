#include "formats/import/world_file_writer.h"

#include <cmath>
#include <cstdio>

namespace nf {

namespace {

std::string number(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string triple(double x, double y, double z, int decimals) {
  return "[" + number(x, decimals) + ", " + number(y, decimals) + ", " + number(z, decimals) + "]";
}

double wide(float value) {
  return static_cast<double>(value);
}

class Writer {
 public:
  Writer(const WorldPlan& plan, const std::vector<std::vector<std::string>>& files)
      : plan_(plan), files_(files), children_(plan.containers.size()) {
    for (std::uint32_t id = 1; id < plan.containers.size(); ++id)
      children_[plan.containers[id].parent].push_back(id);
  }

  std::string write() {
    text_ = "{\n\"format\": \"nearfield world\",\n\"version\": 1,\n\"root\": ";
    write_container(0, 0);
    text_ += "\n}\n";
    return std::move(text_);
  }

 private:
  void write_list(const char* key, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    text_ += std::string(", \"") + key + "\": [";
    for (std::size_t i = 0; i < texts.size(); ++i)
      text_ += (i == 0 ? "\"" : ", \"") + texts[i] + "\"";
    text_ += "]";
  }

  void write_place(const PlanContainer& c) {
    if (c.position.x != 0 || c.position.y != 0 || c.position.z != 0)
      text_ += ", \"position\": " + triple(c.position.x, c.position.y, c.position.z, 3);
    if (c.rotation.w != 1) {
      text_ += ", \"rotation\": [" + number(wide(c.rotation.x), 8) + ", " +
               number(wide(c.rotation.y), 8) + ", " + number(wide(c.rotation.z), 8) + ", " +
               number(wide(c.rotation.w), 8) + "]";
    }
    if (c.bounds_kind == BoundsKind::none) return;
    const LocalVector half = c.bounds_half_extent;
    text_ += ", \"bounds\": ";
    text_ += c.bounds_kind == BoundsKind::sphere
                 ? "{\"sphere\": " + number(wide(half.x), 1) + "}"
                 : "{\"box\": " + triple(wide(half.x), wide(half.y), wide(half.z), 2) + "}";
    text_ += ", \"load_distance\": " + number(wide(c.load_distance), 1);
    if (c.activation_cost != 0)
      text_ += ", \"activation_cost\": " + std::to_string(c.activation_cost);
  }

  void write_motion(const PlanContainer& c) {
    if (c.moves) text_ += ", \"moves\": true";
    if (c.is_template) text_ += ", \"template\": true";
    if (c.refinement == Refinement::add) text_ += ", \"refinement\": \"add\"";
    if (c.refinement == Refinement::replace) text_ += ", \"refinement\": \"replace\"";
    write_list("tags", c.tags);
  }

  static std::string gate_text(const SourceGate& gate) {
    const WorldPosition& at = gate.position;
    const WorldPosition& out = gate.to_position;
    return "{\"name\": \"" + gate.name + "\", \"position\": " + triple(at.x, at.y, at.z, 3) +
           ", \"to\": \"" + gate.to + "\", \"to_position\": " + triple(out.x, out.y, out.z, 3) +
           ", \"radius\": " + number(wide(gate.radius), 2) +
           ", \"lead_time\": " + number(wide(gate.lead_time), 2) + "}";
  }

  void write_gates(const std::vector<SourceGate>& gates, bool first_key) {
    if (gates.empty()) return;
    text_ += first_key ? "\"gates\": [" : ", \"gates\": [";
    for (std::size_t i = 0; i < gates.size(); ++i)
      text_ += (i == 0 ? "" : ", ") + gate_text(gates[i]);
    text_ += "]";
  }

  void write_container(std::uint32_t id, int depth) {
    const PlanContainer& c = plan_.containers[id];
    text_ += "{";
    if (id != 0) text_ += "\"name\": \"" + c.name + "\"";
    if (c.kind == PlanKind::materials) text_ += ", \"shared\": true";
    write_place(c);
    write_motion(c);
    std::vector<std::string> paths;
    paths.reserve(c.dependencies.size());
    for (const std::uint32_t on : c.dependencies) paths.push_back(plan_.containers[on].path);
    write_list("dependencies", paths);
    write_list("assets", files_[id]);
    write_gates(c.gates, id == 0);
    if (!children_[id].empty()) {
      text_ += id == 0 && c.gates.empty() ? "\"children\": [" : ", \"children\": [";
      for (std::size_t i = 0; i < children_[id].size(); ++i) {
        text_ += (i == 0 ? "\n" : ",\n") + std::string(static_cast<std::size_t>(depth + 1), ' ');
        write_container(children_[id][i], depth + 1);
      }
      text_ += "]";
    }
    text_ += "}";
  }

  const WorldPlan& plan_;
  const std::vector<std::vector<std::string>>& files_;
  std::vector<std::vector<std::uint32_t>> children_;
  std::string text_;
};

}  // namespace

std::string world_file_text(const WorldPlan& plan,
                            const std::vector<std::vector<std::string>>& files) {
  return Writer(plan, files).write();
}

std::string tour_text(const std::vector<RoutePoint>& tour) {
  std::string text = "t_seconds,x,y,z\n";
  for (const RoutePoint& point : tour) {
    text += number(point.seconds, 3) + "," + number(point.position.x, 3) + "," +
            number(point.position.y, 3) + "," + number(point.position.z, 3) + "\n";
  }
  return text;
}

}  // namespace nf
