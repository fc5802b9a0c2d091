#include "formats/pack/dependency_closure.h"

#include <algorithm>
#include <span>

#include "formats/pack/check_source.h"

namespace nf {

namespace {

enum class Mark : std::uint8_t { unseen, open, done };

struct Step {
  std::uint32_t id = 0;
  std::size_t next = 0;  // dependency to look at
};

Error circle(const SourceWorld& source, const std::vector<Step>& steps, std::uint32_t back_to,
             std::string& detail) {
  detail = "shared containers depend on each other in a circle: ";
  bool inside = false;
  for (const Step& step : steps) {
    inside = inside || step.id == back_to;
    if (inside) detail += source_path(source, step.id) + " > ";
  }
  detail += source_path(source, back_to);
  return Error{.code = ErrorCode::dependency_invalid,
               .subject_kind = Subject::container,
               .subject = back_to};
}

}  // namespace

Result<std::vector<std::uint32_t>> sort_shared(const SourceWorld& source, std::string& detail) {
  const auto& containers = source.containers;
  std::vector<Mark> marks(containers.size(), Mark::unseen);
  std::vector<std::uint32_t> sorted;
  std::vector<Step> steps;
  for (std::uint32_t start = 0; start < containers.size(); ++start) {
    if (!containers[start].shared || marks[start] != Mark::unseen) continue;
    steps.push_back({.id = start, .next = 0});
    marks[start] = Mark::open;
    while (!steps.empty()) {
      Step& step = steps.back();
      const auto& on = containers[step.id].dependencies;
      if (step.next == on.size()) {
        marks[step.id] = Mark::done;
        sorted.push_back(step.id);
        steps.pop_back();
        continue;
      }
      const std::uint32_t next = on[step.next++];
      if (marks[next] == Mark::open) return circle(source, steps, next, detail);
      if (marks[next] == Mark::done) continue;
      marks[next] = Mark::open;
      steps.push_back({.id = next, .next = 0});
    }
  }
  return sorted;
}

Result<std::vector<std::vector<std::uint32_t>>> close_dependencies(
    const SourceWorld& source, const std::vector<std::uint32_t>& shared_sorted,
    const std::vector<std::uint32_t>& number_of, std::string& detail) {
  std::vector<std::vector<std::uint32_t>> closed(source.containers.size());
  std::uint64_t total = 0;
  const auto close = [&](std::uint32_t id) {
    std::vector<std::uint32_t>& all = closed[number_of[id]];
    for (const std::uint32_t on : source.containers[id].dependencies) {
      all.push_back(number_of[on]);
      const std::vector<std::uint32_t>& further = closed[number_of[on]];
      all.insert(all.end(), further.begin(), further.end());
      total += further.size() + 1;
      if (total > 4ull * kDependenciesMax) return false;
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    all.shrink_to_fit();
    return true;
  };
  bool fits = true;
  for (const std::uint32_t id : shared_sorted) fits = fits && close(id);
  for (std::uint32_t id = 0; id < source.containers.size() && fits; ++id) {
    if (!source.containers[id].shared) fits = close(id);
  }
  std::uint64_t kept = 0;
  for (const auto& list : closed) kept += list.size();
  if (fits && kept <= kDependenciesMax) return closed;
  detail = "more dependencies than an archive holds (2^28)";
  return Error{.code = ErrorCode::limit_exceeded};
}

}  // namespace nf
