// ByteSum: what a container delivered, as one number that does not depend on the order in which its
// assets came.
//
// Pure; one owner at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/codec/codec.h"

namespace nf::bench {

class ByteSum {
 public:
  // A whole asset. Its size goes in by way of the hash, which tells an asset from its parts.
  void add(std::span<const std::byte> asset) {
    const PathHash hash = hash128(asset);
    sum_.low += hash.low;
    sum_.high += hash.high;
  }
  PathHash value() const { return sum_; }

 private:
  PathHash sum_;
};

}  // namespace nf::bench
