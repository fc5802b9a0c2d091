// FolderReader: containers as folders of files below an open folder, read file by file. Loose files
// and every mounted image are read like that.
//
// Any thread, once made; borrows the tree and the folder's descriptor. Throws BenchError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/contenders/contender.h"

namespace nf::bench {

class FolderReader {
 public:
  FolderReader() = default;
  FolderReader(const ContainerTree& tree, int folder);

  void read_container(std::uint32_t container, std::span<std::byte> scratch,
                      AssetBytes& assets) const;
  void read_slice(const SliceRead& slice) const;

 private:
  const ContainerTree* tree_ = nullptr;
  int folder_ = -1;
  std::vector<std::string> paths_;  // of the assets: made beforehand, nobody's cost
};

}  // namespace nf::bench
