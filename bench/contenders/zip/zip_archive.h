// Zip archive: the containers of a tree as one zip file, made by libzip; and its contender that
// reads it with libzip, a handle for each requester.
//
// See contender.h; compiled where libzip is.
#pragma once

#include <filesystem>
#include <memory>

#include "bench/contenders/contender.h"

namespace nf::bench {

enum class ZipMethod : std::uint8_t { stored, deflate };

const char* zip_method_name(ZipMethod method);  // "stored", "deflate"

// Packs the tree unless that was done before.
std::filesystem::path make_zip(const ContainerTree& tree, ZipMethod method);

std::unique_ptr<Contender> make_libzip(ZipMethod method);

}  // namespace nf::bench
