// Containers as an engine sees them: where one is, how large, from how far it is needed.
// Plain values; any thread.
#pragma once

#include <cstdint>

#include <nearfield/observer.h>
#include <nearfield/types.h>

namespace nf {

enum class BoundsKind : std::uint8_t {
  none = 0,    // without a place: needed because others depend on it, or pinned by name
  sphere = 1,  // radius is half_extent.x
  box = 2,     // axis-aligned in the container's own frame
};

// Of a container that is a finer level of its parent: needed where its parent's bounds are within
// its own load distance.
enum class Refinement : std::uint8_t {
  none = 0,
  add = 1,      // shown beside the parent
  replace = 2,  // with all siblings that say so, once they are resident, in place of the parent
};

struct ContainerView {
  ContainerId id;  // none: there is no such container
  // In whose frame it is placed, as of now: of a ship that docked, what it was attached to. None:
  // the root frame, or of an archive that is mounted apart the space of its own.
  ContainerId parent;
  // In the parent's frame. Of one that moves: as it was stated last, with what was measured then.
  FrameMotion frame;
  // It, and behind it all that its archive has below it, whatever is spawned or attached there. The
  // first child is subtree.first + 1, each next one begins where the subtree of that before ends.
  ContainerRange subtree;

  BoundsKind bounds_kind = BoundsKind::none;
  LocalVector bounds_center;       // in its own frame
  LocalVector bounds_half_extent;  // see BoundsKind
  float load_distance = 0;         // metres from the bounds
  Refinement refinement = Refinement::none;
  bool moves = false;        // move_frame and attach work on it
  bool is_template = false;  // a template's first container, which spawn takes
  bool is_shared = false;    // no place: needed because others depend on it
  Bytes size;                // decoded; of a spawned one, the template's

  PathHash path;           // outlives the session; of a spawned one, the template's
  ContainerId in_archive;  // what its Archive calls it: Archive::container_path takes that
  // The first id of its mount, by which an engine knows the archive.
  ContainerId archive_root;
};

}  // namespace nf
