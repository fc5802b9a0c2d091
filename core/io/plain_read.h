// One pread, as the pool's workers do it. Any thread; blocks.
// The buffer is the caller's and is written to during the call only.
#pragma once

#include <nearfield/device.h>

#include "core/io/read_queue.h"

namespace nf {

// Through the direct descriptor if there is one. Some file systems open with O_DIRECT and refuse
// the read: it goes through the page cache instead.
RawCompletion read_now(const RawRead& raw, const FileHandle& file);

}  // namespace nf
