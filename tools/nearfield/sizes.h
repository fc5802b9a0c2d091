// Sizes, durations and points as people write and read them.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nearfield/types.h>

namespace nf {

// "512MiB", "1.5 GiB", "2GB", "64k", "4096": KiB, MiB, GiB and TiB count in 1024, kB, MB, GB and TB
// in 1000, and a lone K, M, G or T is read as the former. Case does not matter. None if it is
// something else, or does not fit 64 bits.
std::optional<Bytes> parse_size(std::string_view text);

// "17 B", "1.50 kB", "231 MB": three digits, in thousands, as every plot counts.
std::string human_size(Bytes size);
// "512 MiB", "2 GB": exact, in the unit in which somebody would have asked for it.
std::string given_size(Bytes size);
// A size that was asked for, among measured ones: "537 MB (512 MiB)".
std::string limit_size(Bytes size);

// "0.8 s", "42 s", "3:07", "1:02:45".
std::string human_time(double seconds);

// "12,345,678".
std::string grouped(std::uint64_t number);
// "1 container", "12,345 containers"; `plural` where the noun takes more than an s.
std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural = {});

// "x,y,z".
std::optional<WorldVector> parse_vector(std::string_view text);

// 32 hexadecimal digits, high half first.
std::string hex(PathHash hash);

// snprintf into a string.
[[gnu::format(printf, 1, 2)]] std::string text_of(const char* format, ...);

}  // namespace nf
