// One broken archive for each way to refuse one. Made from good archives by changing what the name
// says, with the checksums repaired so that the named check is the one that refuses.
//
// The name is "<error>.<where>". Deterministic; plain values.
#pragma once

#include <string>
#include <vector>

namespace nf::sample {

struct RejectCase {
  std::string name;
  std::vector<std::byte> bytes;
};

// The archives are built in `folder`, which is left as it was found.
std::vector<RejectCase> make_reject_cases(const std::string& folder);

}  // namespace nf::sample
