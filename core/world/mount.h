// Mount: an archive as the World holds it, with what was derived from its tables.
//
// Thread: the owner's. Built by World::mount, which allocates; borrows the WorldTables.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <nearfield/device.h>
#include <nearfield/types.h>

#include "core/world/place_index.h"
#include "core/world/pose.h"
#include "core/world/world_tables.h"

namespace nf {

// The containers of one archive that are finer levels of others, in its own numbering.
struct Levels {
  std::vector<std::uint32_t> parents;  // those that have finer levels, ascending
  std::vector<std::uint32_t> first_finer;
  std::vector<std::uint32_t> finer;  // of each parent, ascending
  // A finer level needs what it refines, and what that needs: the whole list of each, by id.
  std::vector<std::uint32_t> ids;  // ascending
  std::vector<std::uint32_t> first_need;
  std::vector<std::uint32_t> needs;

  static Levels of(const WorldTables& tables);
  std::span<const std::uint32_t> finer_than(std::uint32_t parent) const;
  std::span<const std::uint32_t> needs_of(std::uint32_t id) const;
};

// Containers as the World numbers them, read from a list in an archive's own numbering.
class ContainerList {
 public:
  // On a list of what is spawned: another container of the same, not of the template.
  static constexpr std::uint32_t kOfSpawned = 1u << 31;

  class Iterator {
   public:
    Iterator(const ContainerList& list, std::size_t at) : list_(list), at_(at) {}
    ContainerId operator*() const { return list_[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const ContainerList& list_;
    std::size_t at_;
  };

  // `first` is what the archive's numbers begin at, `spawned_first` what those of the spawned would
  // begin at if all of the archive had been.
  ContainerList(std::span<const std::uint32_t> local, std::uint32_t first,
                std::uint32_t spawned_first = 0)
      : local_(local), first_(first), spawned_first_(spawned_first) {}
  std::size_t size() const { return local_.size(); }
  bool empty() const { return local_.empty(); }
  ContainerId operator[](std::size_t i) const {
    const std::uint32_t local = local_[i];
    if ((local & kOfSpawned) == 0) return {first_ + local};
    return {spawned_first_ + (local & ~kOfSpawned)};
  }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  std::span<const std::uint32_t> local_;
  std::uint32_t first_;
  std::uint32_t spawned_first_;
};

// A body of a template: what each spawned one of it begins as.
struct TemplateBody {
  std::uint32_t local = 0;          // its first container
  std::uint32_t subtree_end = 0;    // after its last
  std::uint32_t enclosing = kNone;  // number among those of the template; none: of the first
  Pose anchor;                      // see Body
  Pose pose;
  bool may_move = false;
  std::shared_ptr<const PlaceIndex> index;

  static constexpr std::uint32_t kNone = ~0u;
};

// What an archive's templates are made of, in its own numbering.
struct Templates {
  std::vector<TemplateBody> bodies;  // ascending; each template's begin with its root's
  // What a spawned container needs: the template's own one, which has the bytes, what that needs,
  // and if it is a finer level the spawned ones that it refines. By container of a template.
  std::vector<std::uint32_t> ids;  // ascending
  std::vector<std::uint32_t> first_need;
  std::vector<std::uint32_t> needs;  // see ContainerList::kOfSpawned

  void find_needs(const WorldTables& tables, const Levels& levels);
  std::span<const TemplateBody> bodies_of(std::uint32_t root) const;
  std::span<const std::uint32_t> needs_of(std::uint32_t id) const;
};

struct Mount {
  const WorldTables* tables = nullptr;
  FileId file;
  ContainerRange range;
  bool apart = false;
  bool closing = false;                // nothing of it has a place any more
  std::uint64_t order = 0;             // of the mounts
  std::vector<std::uint32_t> by_path;  // local ids, ascending by path hash
  Levels levels;
  Templates templates;
};

// Where a container's record is: that of a spawned one is its template's.
struct Origin {
  const Mount* mount = nullptr;
  std::uint32_t local = 0;
};

}  // namespace nf
