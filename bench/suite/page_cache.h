// What of a file is in the page cache. A benchmark of reads that finds its file there measures
// memory, so it drops the file or refuses.
//
// Any thread; files are borrowed.
#pragma once

#include <optional>
#include <string>

#include <nearfield/types.h>

namespace nf::bench {

// Of the whole file. None if the kernel does not say: it has no cachestat, and mincore answers only
// about files that the caller may write.
std::optional<Bytes> cached_bytes(int file);

// Writes back what is dirty and asks the kernel to forget the file. The kernel need not obey: pages
// that somebody has mapped stay.
void drop_cached(int file);

// Drops and looks, a few times if something is left. What is there still, as cached_bytes says it.
std::optional<Bytes> drop_and_look(int file);

// Drops, looks, and throws BenchError if more than 1/64 of the file, or 1 MiB, is still there; or
// if nobody can say. `name` is for the sentence.
void require_cold(int file, const std::string& name);

}  // namespace nf::bench
