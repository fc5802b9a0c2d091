// What comes and goes with places: archives, what is spawned, frames that get another parent.
#include <algorithm>

#include "core/base/planted_bug.h"
#include "core/stream/streamer_impl.h"

namespace nf {

Result<ContainerRange> StreamerImpl::mount(const Source& source) {
  if (source.tables == nullptr) return Error{.code = ErrorCode::invalid_argument};
  const ChunkTable& chunks = source.tables->chunks;
  const std::uint64_t span_max = loads_.chunk_span_max().value;
  for (std::uint32_t chunk = 0; chunk < chunks.count(); ++chunk) {
    // A chunk may straddle a page at both ends.
    if (chunks.stored_size[chunk] + 2 * kRunAlignment > span_max) {
      return Error{
          .code = ErrorCode::limit_exceeded, .subject_kind = Subject::chunk, .subject = chunk};
    }
  }
  auto file = device_->add_file(source.file);
  if (!file) return file.error();
  Result<void> reserved = reserve_world(world_.container_count_with(*source.tables),
                                        world_.body_count_with(*source.tables, source.apart));
  if (!reserved) {
    device_->remove_file(*file);
    return reserved.error();
  }
  closing_.reserve(world_.mounts().size() + 1);
  Result<ContainerRange> mounted = world_.mount(*source.tables, *file, source.apart);
  if (mounted) {
    costs_.forget(*mounted);
  } else {
    device_->remove_file(*file);
  }
  ++frames_version_;
  return mounted;
}

Result<void> StreamerImpl::reserve_world(std::uint32_t containers, std::uint32_t bodies) {
  Result<void> reserved = active_.reserve(containers, std::min(containers, options_.active_max));
  wanted_ = {};  // may be moved, and is not looked at until the next frame finds it anew
  if (reserved) reserved = interest_.reserve(containers, bodies);
  return reserved;
}

Result<void> StreamerImpl::unmount(ContainerId root) {
  const Result<void> unmounted = world_.unmount(root, now_);
  if (!unmounted) return unmounted;
  closing_.push_back(root);
  may_let_go_ = true;
  ++frames_version_;
  return {};
}

Result<ContainerId> StreamerImpl::spawn(ContainerId template_root, ContainerId parent,
                                        const FrameMotion& motion, Time now) {
  ++frames_version_;
  const Result<ContainerId> spawned = world_.spawn(template_root, parent, pose_of(motion), now);
  if (spawned) costs_.forget(world_.spawned_range(*spawned));
  return spawned;
}

Result<void> StreamerImpl::despawn(ContainerId id, Time now) {
  const Result<void> gone = world_.despawn(id, now);
  if (!gone) return gone;
  despawned_.push_back(id);
  may_let_go_ = true;
  ++frames_version_;
  return {};
}

Result<void> StreamerImpl::attach(ContainerId id, ContainerId parent, const FrameMotion& motion,
                                  Time now) {
  ++frames_version_;
  return world_.attach(id, parent, pose_of(motion), now);
}

// Of what was taken away: whether anything still knows a container of it.
bool StreamerImpl::in_use(const Mount& mount) const {
  if (loads_.reads_from(mount.file)) return true;
  return std::any_of(active_.active().begin(), active_.active().end(),
                     [&](ActiveSlot slot) { return mount.range.contains(active_[slot].id); });
}

// It sleeps, or is only cached, or a load of it has ended. If it was taken away, it may be what
// kept the rest of that.
void StreamerImpl::note_unused(ContainerId id) {
  const bool some_leave = !closing_.empty() || !despawned_.empty();
  if (some_leave && !world_.exists(id)) may_let_go_ = true;
}

// Gives back the numbers, and the files, of what was taken away and is not used any more. Not
// before an update has told that it left, and who is not near it any more: what gets its numbers
// next would be taken for it. What a Pin holds may stay for long: it is looked at again only once
// something of it may have gone.
void StreamerImpl::let_go() {
  may_let_go_ = false;
  const auto is_bound = [this](ContainerRange range) {
    const bool bound = interest_.still_binds(range);
    may_let_go_ |= bound;
    return bound;
  };
  std::erase_if(despawned_, [&](ContainerId root) {
    const ContainerRange range = world_.spawned_range(root);
    if (is_bound(range)) return false;
    for (ContainerId id = range.first; id < range.last; ++id.value) {
      if (active_.find(id).valid() && planted_bug != kNumbersGivenTooSoon) return false;
    }
    world_.forget_spawned(root);
    return true;
  });
  std::erase_if(closing_, [&](ContainerId root) {
    const Mount& mount = world_.mount_of(root);
    evict_cached(mount.range);
    if (is_bound(mount.range) || in_use(mount)) return false;
    device_->remove_file(mount.file);
    world_.forget(root);
    return true;
  });
}

// What nobody wants is kept for those who may come back; of an archive that went nobody will.
void StreamerImpl::evict_cached(ContainerRange range) {
  for (ActiveSlot slot = active_.oldest_cached(); slot.valid();) {
    const ActiveSlot next = active_[slot].newer;
    if (range.contains(active_[slot].id)) {
      if (can_be_spared(active_[slot])) {
        evict(slot);
      } else {
        may_let_go_ = true;
      }
    }
    slot = next;
  }
}

}  // namespace nf
