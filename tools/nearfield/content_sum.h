// ContentSum: what arrived, as one number that does not depend on the order of arrival.
//
// Thread: the Streamer's owner. Allocates in the constructor, and while a container of more assets
// than any before is added.
#pragma once

#include <cstdint>
#include <vector>

#include <nearfield/streamer.h>

#include "core/world/world_tables.h"

namespace nf {

class ContentSum {
 public:
  explicit ContentSum(const WorldTables& tables)
      : tables_(tables), digests_(tables.containers.count()), known_(digests_.size(), false) {}

  // Digests a container at its first arrival: path hash, and name and bytes of every asset. Returns
  // the bytes it holds.
  Bytes add(ContainerId id, const Pin& pin);
  // The sum of the digests of the containers that are chosen and arrived.
  PathHash sum(const std::vector<bool>& chosen) const;

 private:
  const WorldTables& tables_;
  std::vector<PathHash> digests_;
  std::vector<bool> known_;
  std::vector<std::uint64_t> words_;
};

}  // namespace nf
