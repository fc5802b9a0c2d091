// Why a container is not proven safe, in the words of somebody who has never seen the proof, and
// what one would do about it, with the figures of this very certificate.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/nearfield/certify_output.h"

namespace nf {

struct CertifyCause {
  std::uint32_t containers = 0;  // that have it
  const char* name = "";         // "holes": in JSON and in tables
  const char* what = "";         // what it means
  std::string remedy;            // what helps
};

const char* name_of(certify::Cause cause);
// Those that occurred, the most frequent first.
std::vector<CertifyCause> causes_of(const CertifyReport& report);

}  // namespace nf
