// WorldFileText: the text of a world.json and what its values mean one by one; refusals carry the
// file, line and column of the value they are about.
//
// Any thread. Borrows the text and the place for the detail. Format: world_file.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nearfield/result.h>

#include "formats/import/json_tree.h"
#include "formats/pack/source_world.h"

namespace nf {

class WorldFileText {
 public:
  WorldFileText(std::string file, std::string_view text, std::string& detail)
      : file_(std::move(file)), text_(text), detail_(detail) {}

  std::string_view text() const { return text_; }

  // Writes the detail, "world.json:12:7: cause", and gives the error to return.
  Error refuse(const JsonValue& at, const std::string& cause) const;

  // `value` is an object and has no key but these; a wrong one gets the nearest right one.
  Result<void> check_keys(const JsonValue& value, std::span<const std::string_view> known) const;

  // position, rotation, bounds, load_distance, activation_cost, shared: those that are given.
  Result<void> read_place(const JsonValue& value, SourceContainer& container) const;

  // moves, template, refinement: those that are given.
  Result<void> read_motion(const JsonValue& value, SourceContainer& container) const;

  // A list of gates, with what they say of themselves.
  Result<void> read_gates(const JsonValue& list, std::vector<SourceGate>& gates) const;

  // The tags of a container or an asset; one that is new is added to `names`.
  Result<TagSet> read_tags(const JsonValue& list, std::vector<std::string>& names) const;

  Result<void> read_kind(const JsonValue& value, AssetKind& kind) const;

 private:
  Result<void> read_numbers(const JsonValue& value, std::span<double> numbers) const;
  Result<void> read_rotation(const JsonValue& value, Rotation& rotation) const;
  Result<void> read_bounds(const JsonValue& value, SourceContainer& container) const;
  Result<void> read_truth(const JsonValue& value, bool& truth) const;
  Result<void> read_gate(const JsonValue& value, SourceGate& gate) const;
  Result<void> read_position(const JsonValue& object, std::string_view key,
                             WorldPosition& position) const;
  Result<void> read_length(const JsonValue& value, float& length) const;

  std::string file_;
  std::string_view text_;
  std::string& detail_;
};

// The whole of import_world_file but for reading the file: assets are looked for in `folder`.
Result<SourceWorld> read_world_text(std::string_view text, const std::string& file,
                                    const std::string& folder, std::string& detail);

}  // namespace nf
