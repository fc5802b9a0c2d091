// AskAhead: how much a requester asks for before the first of it is there. By bytes: then the disk
// always has something to read, and no container waits behind more than that, be they large or
// small.
//
// A plain value; any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include <nearfield/types.h>

namespace nf::bench {

struct AskAhead {
  std::uint32_t containers_min = 2;   // under way, however large
  std::uint32_t containers_max = 64;  // under way, however small
  Bytes raw = {32ull << 20};          // decoded bytes under way

  // So many, of whatever size.
  static AskAhead containers(std::uint32_t count) {
    return {.containers_min = count, .containers_max = count};
  }

  // Whether one of `next` decoded bytes may be asked for beside those under way.
  bool admits(std::uint32_t under_way, Bytes raw_under_way, Bytes next) const {
    if (under_way < containers_min) return true;
    return under_way < containers_max && raw_under_way + next <= raw;
  }
  // Never more than this is under way, where no container holds more than `container_max`.
  Bytes raw_max(Bytes container_max) const {
    const std::uint64_t few = containers_min * container_max.value;
    const std::uint64_t many = containers_max * container_max.value;
    return {std::min(std::max(few, raw.value), many)};
  }
};

}  // namespace nf::bench
