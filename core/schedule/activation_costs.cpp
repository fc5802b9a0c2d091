#include "core/schedule/activation_costs.h"

#include <algorithm>

#include "core/base/assert.h"

namespace nf {
namespace {

constexpr std::uint32_t kEntries = 1u << 14;  // for each kind; what is near in id shares none
constexpr std::uint32_t kOne = 1u << 12;
constexpr std::uint32_t kRatioLeast = kOne / 16;
constexpr std::uint32_t kRatioMost = kOne * 16;
constexpr std::uint32_t kStep = 32;  // a report moves the ratio by this part of it
constexpr std::int64_t kSmooth = 4;  // and an entry by this part of the way

std::uint32_t slot_of(ContainerId id) {
  return id.value % kEntries;
}

}  // namespace

Result<ActivationCosts> ActivationCosts::create() {
  ActivationCosts made;
  for (Kind& kind : made.kinds_) {
    auto entries = Array<Entry>::make(kEntries);
    if (!entries) return entries.error();
    kind.entries = std::move(*entries);
    kind.ratio = {kOne, kOne};
  }
  return made;
}

void ActivationCosts::report(ContainerId id, Activation what, Duration measured,
                             ForetoldCost foretold) {
  NF_ASSERT(id.valid());
  Kind& kind = kinds_[static_cast<std::size_t>(what)];
  const std::int64_t ns = std::clamp(measured, Duration{}, kMost).ns;
  Entry& entry = kind.entries[slot_of(id)];
  const std::int64_t before = entry.key == id.value + 1 ? std::int64_t{entry.ns} : ns;
  entry = {.key = id.value + 1, .ns = static_cast<std::uint32_t>(before + (ns - before) / kSmooth)};
  kind.reported = true;

  std::uint32_t& ratio = kind.ratio[foretold.by_author ? 0 : 1];
  const auto measured_scaled = static_cast<std::uint64_t>(ns) * kOne;
  const std::uint64_t expected_scaled = foretold.microseconds * std::uint64_t{1000} * ratio;
  if (expected_scaled == 0) return;  // nothing was foretold that could be off
  if (measured_scaled > expected_scaled) {
    ratio = std::min(ratio + ratio / kStep, kRatioMost);
  } else if (measured_scaled < expected_scaled) {
    ratio = std::max(ratio - ratio / kStep, kRatioLeast);
  }
}

void ActivationCosts::forget(ContainerRange range) {
  for (Kind& kind : kinds_) {
    if (!kind.reported) continue;
    const std::uint32_t count = std::min(range.count(), kEntries);
    for (std::uint32_t i = 0; i < count; ++i) {
      Entry& entry = kind.entries[slot_of({range.first.value + i})];
      if (entry.key != 0 && range.contains({entry.key - 1})) entry = {};
    }
  }
}

Duration ActivationCosts::expected(ContainerId id, Activation what, ForetoldCost foretold) const {
  const Kind& kind = kinds_[static_cast<std::size_t>(what)];
  const std::uint64_t ns = foretold.microseconds * std::uint64_t{1000};
  if (!kind.reported) return {static_cast<std::int64_t>(ns)};
  const Entry& entry = kind.entries[slot_of(id)];
  if (entry.key == id.value + 1) return {entry.ns};
  return {static_cast<std::int64_t>(ns * kind.ratio[foretold.by_author ? 0 : 1] / kOne)};
}

}  // namespace nf
