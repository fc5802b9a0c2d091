// Joined assets: a container's files, one behind the other, for the contenders that store them so.
//
// Any thread. Throws BenchError.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "bench/contenders/container_tree.h"

namespace nf::bench {

// Replaces `bytes` by the container's. Throws after Ctrl-C, too.
void join_assets(const ContainerTree& tree, std::uint32_t container, std::vector<std::byte>& bytes);

// Where an asset begins in them.
std::uint64_t offset_in_container(const ContainerTree& tree, std::uint32_t asset);

void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace nf::bench
