// TreeWriter: writes a ContainerTree to disk as its containers come, and reads back the list of one
// that was written before.
//
// One owner. A tree without its list is not complete and is made again. Throws BenchError.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "bench/contenders/container_tree.h"

namespace nf::bench {

class TreeWriter {
 public:
  // Writes below `folder`, where an incomplete tree is removed.
  explicit TreeWriter(const std::filesystem::path& folder);
  ~TreeWriter();  // removes what was not finished
  TreeWriter(const TreeWriter&) = delete;
  TreeWriter& operator=(const TreeWriter&) = delete;

  void begin_container();
  // `name` gives only its ending: what kind of asset it is. Empty assets hold no bytes and are left
  // out, and so are containers without assets.
  void add_asset(std::string_view name, std::span<const std::byte> bytes);
  void end_container();
  // Flushes everything, writes the list last.
  ContainerTree finish();

 private:
  ContainerTree tree_;
  PathHash sum_;
  std::uint64_t size_ = 0;
  bool finished_ = false;
};

// False if there is no complete tree in `folder`.
bool read_tree_list(const std::filesystem::path& folder, ContainerTree& tree);

}  // namespace nf::bench
