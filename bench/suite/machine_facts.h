// The machine that figures come from: what must be known to read them, and what may have disturbed
// them.
//
// Any thread; reads /proc and /sys. What cannot be read is an empty string or 0.
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

namespace nf::bench {

// Processor, cores, memory, kernel, the disk and file system behind `dir`, huge pages, date and
// commit; `load_average_before` is that of this moment.
nlohmann::ordered_json machine_facts(const std::filesystem::path& dir);

// "0.52 0.48 0.40", of the last 1, 5 and 15 minutes.
std::string load_average();

}  // namespace nf::bench
