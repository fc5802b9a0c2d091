// Runs a fuzz target without libFuzzer: every file of the seed folders, then damaged copies of them
// from a fixed seed, the same ones every time. replay MUTANTS OWN_FOLDER FOLDER...
// The parser's own folder must hold a file: random bytes alone never get far into a parser.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/base/prng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kSeedSizeMax = 1u << 20;

std::vector<Input> read_seeds(int count, char** folders) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    if (!std::filesystem::is_directory(folders[i])) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folders[i])) {
      if (entry.is_regular_file() && entry.file_size() <= kSeedSizeMax) {
        paths.push_back(entry.path().string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Input> seeds;
  for (const std::string& path : paths) {
    std::ifstream in(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

// Changes a few bytes, or a number somewhere to a value at which arithmetic goes wrong, or the
// size.
void damage(Input& input, nf::Prng& prng) {
  constexpr std::uint64_t kValues[] = {0,          1,          0x7F,       0x80,       0xFF,
                                       0x7FFF,     0xFFFF,     0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                       1ull << 32, 1ull << 63, ~0ull};
  if (input.empty()) input.push_back(0);
  const std::size_t at = prng.below(input.size());
  switch (prng.below(5)) {
    case 0: input[at] ^= static_cast<std::uint8_t>(1u << prng.below(8)); break;
    case 1: input[at] = static_cast<std::uint8_t>(prng.below(256)); break;
    case 2: {
      const std::uint64_t value = kValues[prng.below(std::size(kValues))];
      const std::size_t size =
          std::min<std::size_t>(std::size_t{1} << prng.below(4), input.size() - at);
      for (std::size_t i = 0; i < size; ++i) {
        input[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
      }
      break;
    }
    case 3: input.resize(at); break;
    default: {
      const Input copy = input;
      const std::size_t from = prng.below(copy.size());
      const std::size_t rest = copy.size() - std::max(at, from);
      std::copy_n(copy.begin() + static_cast<std::ptrdiff_t>(from),
                  std::min<std::size_t>(prng.below(32), rest),
                  input.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) {
    std::fprintf(stderr, "usage: replay MUTANTS OWN_FOLDER FOLDER...\n");
    return 2;
  }
  const long mutants = std::atol(arguments[1]);
  if (read_seeds(1, arguments + 2).empty()) {
    std::fprintf(stderr, "%s: no seed of the parser's own\n", arguments[2]);
    return 1;
  }
  std::vector<Input> seeds = read_seeds(argument_count - 2, arguments + 2);
  for (const Input& seed : seeds) LLVMFuzzerTestOneInput(seed.data(), seed.size());
  const std::size_t files = seeds.size();
  seeds.emplace_back();  // something to start from where there are no files
  nf::Prng prng(20'261'122);
  for (long i = 0; i < mutants; ++i) {
    Input input = seeds[prng.below(seeds.size())];
    for (std::uint64_t times = 1 + prng.below(6); times > 0; --times) damage(input, prng);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu files, %ld mutants\n", files, mutants);
  return 0;
}
