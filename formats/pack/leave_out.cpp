#include "formats/pack/leave_out.h"

#include <algorithm>
#include <utility>

namespace nf {

namespace {

constexpr std::uint32_t kGone = ~0u;

// The bits of the tags that are asked for; those that no bit stands for are told.
TagSet find_tags(const SourceWorld& source, const LeaveOutRules& rules, LeaveOutReport& report) {
  TagSet set = 0;
  for (const std::string& tag : rules.tags) {
    const auto found = std::find(source.tags.begin(), source.tags.end(), tag);
    if (found == source.tags.end()) {
      report.unknown_tags.push_back(tag);
    } else {
      set |= TagSet{1} << (found - source.tags.begin());
    }
  }
  return set;
}

void count_asset(const SourceAsset& asset, LeaveOutReport& report) {
  ++report.assets;
  report.size += Bytes{asset.size_hint};
}

// By old index: the new one, or kGone. A parent comes before its children.
std::vector<std::uint32_t> renumber(const SourceWorld& source, TagSet tags) {
  std::vector<std::uint32_t> number_of(source.containers.size());
  std::uint32_t next = 0;
  for (std::uint32_t id = 0; id < number_of.size(); ++id) {
    const SourceContainer& container = source.containers[id];
    const bool parent_gone = container.parent < id && number_of[container.parent] == kGone;
    const bool gone = id != 0 && (parent_gone || (container.tags & tags) != 0);
    number_of[id] = gone ? kGone : next++;
  }
  return number_of;
}

void drop_dependencies(SourceContainer& container, const std::vector<std::uint32_t>& number_of,
                       LeaveOutReport& report) {
  std::vector<std::uint32_t>& all = container.dependencies;
  report.dependencies += std::erase_if(
      all, [&](std::uint32_t on) { return on < number_of.size() && number_of[on] == kGone; });
  for (std::uint32_t& on : all) {
    if (on < number_of.size()) on = number_of[on];  // the packer refuses what is outside
  }
}

}  // namespace

LeaveOutReport leave_out(SourceWorld& source, const LeaveOutRules& rules) {
  LeaveOutReport report;
  const TagSet tags = find_tags(source, rules, report);
  const auto goes = [&](const SourceAsset& asset) {
    const bool kind =
        std::find(rules.kinds.begin(), rules.kinds.end(), asset.kind) != rules.kinds.end();
    if (!kind && (asset.tags & tags) == 0) return false;
    count_asset(asset, report);
    return true;
  };
  const std::vector<std::uint32_t> number_of = renumber(source, tags);
  for (std::uint32_t id = 0; id < number_of.size(); ++id) {
    SourceContainer& container = source.containers[id];
    if (number_of[id] == kGone) {
      ++report.containers;
      for (const SourceAsset& asset : container.assets) count_asset(asset, report);
      continue;
    }
    std::erase_if(container.assets, goes);
    drop_dependencies(container, number_of, report);
    if (container.parent < id) container.parent = number_of[container.parent];
    if (number_of[id] != id) source.containers[number_of[id]] = std::move(container);
  }
  source.containers.resize(source.containers.size() - report.containers);
  return report;
}

}  // namespace nf
