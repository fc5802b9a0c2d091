// What the disk behind a file was asked for, by whoever asked: the kernel's own counters.
//
// Any thread; nothing is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nearfield/types.h>

namespace nf::bench {

struct BlockCounters {
  std::uint64_t reads = 0;  // finished, after the kernel merged what it could
  Bytes bytes_read;
  std::uint64_t writes = 0;
  Bytes bytes_written;
};

// None where the file system has no disk of its own (overlay, tmpfs, network) or /sys is hidden.
std::optional<BlockCounters> block_counters(int file);

// The text of a `stat` file of /sys/block. None if it is something else.
std::optional<BlockCounters> parse_block_counters(const std::string& text);

// "253:1", the number of the disk a file is on, as names in /sys/dev/block.
std::string block_number(const char* path);

}  // namespace nf::bench
