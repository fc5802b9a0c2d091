// A text file that appears whole or not at all: it is written beside its name and then given it.
//
// Any thread. A device, a pipe, or a file in a folder that takes no new ones is written in place.
#pragma once

#include <string>

#include <nearfield/result.h>

namespace nf {

Result<void> write_text_file(const std::string& path, const std::string& text);

}  // namespace nf
