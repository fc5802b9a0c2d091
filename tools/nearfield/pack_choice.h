// PackChoice: which codecs the packer took, what the others would have come to, and why.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "formats/pack/pack.h"

namespace nf {

struct PackDisk {
  std::string name;  // as it was asked for
  double bytes_per_second = 0;
};

struct CodecOutlook {  // all bytes by one codec
  Bytes stored;
  double bytes_per_second = 0;  // decoded bytes that become resident, in a stream
  bool estimated = false;       // from a sample; else they were packed so
};

struct PackChoice {
  PackDisk disk;
  CodecOutlook packed;                               // as it is
  std::optional<CodecOutlook> outlook[kCodecCount];  // none: was not tried
  bool raw_is_sooner = false;                        // than any codec that was tried
  std::string sentence;                              // if so: what that means; else empty
};

PackChoice choice_of(const PackReport& report, CodecChoice asked, const PackDisk& disk);

// A table, and the sentence.
std::string choice_text(const PackChoice& choice);
nlohmann::ordered_json choice_json(const PackChoice& choice);

}  // namespace nf
