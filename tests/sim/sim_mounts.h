// What is mounted and spawned in a session, under the numbers that the streamer gives: what each
// container is made of, what it depends on, and whose bytes a read fetches.
//
// Borrows the worlds. One owner, no thread of its own.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include <nearfield/types.h>

#include "tests/sim/sim_world.h"

namespace nf::sim {

class SimMounts {
 public:
  static constexpr std::uint64_t kGranule = 256;  // of the streamer's memory

  // Numbers of what can be spawned come first.
  explicit SimMounts(std::uint32_t spawned_max) : entries_(spawned_max) {}

  void add(const SimWorld& world, FileId file, ContainerRange range);
  void spawn(ContainerId template_root, ContainerId first);
  // Its numbers may still be held, and what they depended on is known, until they are given again.
  void remove(ContainerRange range);

  std::uint32_t count() const { return static_cast<std::uint32_t>(entries_.size()); }
  bool exists(ContainerId id) const { return entries_[id.value].exists; }
  std::span<const std::byte> raw(ContainerId id) const;
  bool decodes_to(ContainerId id, std::span<const std::byte> bytes) const;
  std::uint64_t size_in_memory(ContainerId id) const;  // what is spawned has no bytes of its own
  std::uint64_t room_in_memory(ContainerId id) const;  // what it takes there
  std::uint64_t stored_size(ContainerId id) const;
  // Only needed because others are, unless it is pinned.
  bool is_dependency(ContainerId id) const { return entries_[id.value].is_dependency; }
  bool is_template(ContainerId id) const;
  std::uint32_t subtree_count(ContainerId id) const;
  std::uint32_t activation_cost(ContainerId id) const;  // 0: unknown
  // The container whose run lies at this place of a file.
  ContainerId container_at(FileId file, FileOffset at) const;

  template <class Visit>
  void for_each_dependency(ContainerId id, Visit visit) const {
    for (const ContainerId on : entries_[id.value].dependencies) visit(on);
  }
  void mark_with_dependencies(ContainerId id, std::vector<bool>& set) const;

 private:
  struct Entry {
    const SimWorld* world = nullptr;
    std::uint32_t local = 0;
    bool exists = false;
    bool spawned = false;
    bool is_dependency = false;
    std::vector<ContainerId> dependencies;  // all that it needs, each once
  };
  struct File {
    const SimWorld* world = nullptr;
    ContainerId first;
  };

  const ContainerTable& table(ContainerId id) const {
    return entries_[id.value].world->tables.containers;
  }
  void depend(Entry& entry, ContainerId on);

  std::vector<Entry> entries_;
  std::map<std::uint32_t, File> files_;
};

}  // namespace nf::sim
