// Files of a source tree: read whole within a limit, and unzipped within a limit.
//
// Any thread. On failure `detail` names the file and the cause. A file that is not a regular one
// (a link, a pipe, a device) is refused: opening it could lead outside the tree or never return.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <nearfield/result.h>
#include <nearfield/types.h>

namespace nf {

Result<std::vector<std::byte>> read_file(const std::string& path, Bytes size_max,
                                         std::string& detail);

// At most `size_max` bytes from the front of the file; fewer if it is shorter.
Result<std::vector<std::byte>> read_file_front(const std::string& path, Bytes size_max,
                                               std::string& detail);

// Decodes gzip members (RFC 1952) one after the other. source_malformed if the bytes are not that,
// limit_exceeded if more than `size_max` would come out; memory follows what comes out, not a
// claim.
Result<std::vector<std::byte>> gunzip(std::span<const std::byte> zipped, Bytes size_max);

}  // namespace nf
