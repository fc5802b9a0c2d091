#include "tools/nearfield/stray_gates.h"

#include <algorithm>
#include <vector>

#include "formats/pack/check_source.h"
#include "tools/nearfield/archive_path.h"
#include "tools/nearfield/sizes.h"

namespace nf {

StrayGates find_stray_gates(const WorldTables& world) {
  StrayGates stray;
  if (world.gates.count() == 0) return stray;
  const Array<PathHash>& hashes = world.containers.path_hash;
  std::vector<PathHash> paths(hashes.begin(), hashes.end());
  std::sort(paths.begin(), paths.end());
  for (std::uint32_t gate = 0; gate < world.gates.count(); ++gate) {
    if (std::binary_search(paths.begin(), paths.end(), world.gates.target[gate])) continue;
    if (stray.count++ == 0) stray.first = gate;
  }
  return stray;
}

// The archive keeps of a target only the hash of its path.
std::string stray_gates_note(const Archive& archive) {
  const StrayGates stray = find_stray_gates(archive.world());
  if (stray.count == 0) return "";
  const GateTable& gates = archive.world().gates;
  const std::string others = stray.count == 1
                                 ? ""
                                 : ", and so " + std::string(stray.count == 2 ? "does " : "do ") +
                                       grouped(stray.count - 1) + " more";
  return "the gate " + quoted_name(archive.gate_name(stray.first)) + " of " +
         container_label(archive, ContainerId{gates.container[stray.first]}) +
         " leads to no container of this archive (path hash " + hex(gates.target[stray.first]) +
         ")" + others + ": nothing is there unless another archive is mounted beside it";
}

}  // namespace nf
