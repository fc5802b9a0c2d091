// How much of a plain ring's rate do our Devices keep, what do they cost in processor time, and
// what does `submit` cost the owner? On the same file, in the same minute, in turn.
//
// device_bench [--file PATH] [--size MIB] [--rounds N] [--small] [--out FILE]
//   Without --file it makes one of --size in TMPDIR. Each round reads the whole file once, in an
//   order drawn anew, with every reader. Before that the bytes that all readers give are compared.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "bench/device/plain_loop.h"
#include "core/base/pages.h"
#include "core/base/prng.h"
#include "core/io/device_link.h"
#include "core/io/devices.h"

namespace {

using namespace nf;
using namespace nf::bench;

constexpr std::uint64_t kWindow = 4 << 20;
constexpr std::uint64_t kOperationsMax = 64;

struct Options {
  std::string file;
  std::string out;
  std::uint64_t size_mib = 512;
  int rounds = 8;
  bool small = false;
};

struct Round {
  double seconds = 0;
  double cpu_seconds = 0;
  double submit_ns = 0;  // of the owner, for each read
  bool right = false;
};

struct Work {
  FileHandle file;
  std::vector<std::uint64_t> offsets;
  std::uint64_t block = 0;
  std::span<std::byte> memory;
  std::uint64_t hash = 0;  // sum of the words read, if `hashed`
  bool hashed = false;
};

double seconds_now() {
  return (DeviceLink::steady_now() - Time{}).seconds();
}

double cpu_seconds_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A sum does not mind the order in which the blocks come; the place is mixed in.
std::uint64_t hash_of(std::span<const std::byte> bytes, std::uint64_t at) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    hash += (word ^ (at + i)) * 0x9E3779B97F4A7C15ull;
  }
  return hash;
}

std::uint64_t depth_of(std::uint64_t block) {
  return std::min(kOperationsMax, kWindow / block);
}

Round read_with_device(Device& device, Work& work) {
  Round round{.right = true};
  const FileId id = *device.add_file(work.file);
  // Twice the window: the device always finds the next read waiting.
  const std::size_t places = 2 * depth_of(work.block);
  std::vector<std::size_t> free;
  std::vector<std::uint64_t> at_of(places);
  for (std::size_t i = 0; i < places; ++i) free.push_back(i);
  const double begin = seconds_now();
  const double cpu_begin = cpu_seconds_now();
  double submit_seconds = 0;
  std::size_t submitted = 0;
  for (std::size_t finished = 0; finished < work.offsets.size();) {
    std::vector<Read> reads;
    while (!free.empty() && submitted < work.offsets.size()) {
      const std::size_t place = free.back();
      free.pop_back();
      at_of[place] = work.offsets[submitted];
      reads.push_back({.file = id,
                       .at = {at_of[place]},
                       .into = work.memory.subspan(place * work.block, work.block),
                       .tag = {place},
                       .deadline = {static_cast<std::int64_t>(submitted++)}});
    }
    const double before = seconds_now();
    if (device.submit(reads, DeviceLink::steady_now()) != reads.size()) round.right = false;
    submit_seconds += seconds_now() - before;
    device.wait(Duration{1'000'000'000});
    for (const ReadDone& done : device.reap(DeviceLink::steady_now())) {
      const std::size_t place = done.tag.value;
      round.right = round.right && !done.error && done.bytes_read.value == work.block;
      if (work.hashed) {
        work.hash += hash_of(work.memory.subspan(place * work.block, work.block), at_of[place]);
      }
      free.push_back(place);
      ++finished;
    }
  }
  round.seconds = seconds_now() - begin;
  round.cpu_seconds = cpu_seconds_now() - cpu_begin;
  round.submit_ns = submit_seconds * 1e9 / static_cast<double>(work.offsets.size());
  device.remove_file(id);
  return round;
}

Round read_plainly(PlainLoop& loop, Work& work) {
  const double begin = seconds_now();
  const double cpu_begin = cpu_seconds_now();
  const int file = work.file.direct >= 0 ? work.file.direct : work.file.buffered;
  const std::uint64_t depth = work.hashed ? 1 : depth_of(work.block);
  Round round{.right = true};
  if (work.hashed) {
    for (const std::uint64_t& at : work.offsets) {
      round.right &= loop.read_all({file, {&at, 1}, work.block, depth, work.memory});
      work.hash += hash_of(work.memory.first(work.block), at);
    }
  } else {
    round.right = loop.read_all({file, work.offsets, work.block, depth, work.memory});
  }
  round.seconds = seconds_now() - begin;
  round.cpu_seconds = cpu_seconds_now() - cpu_begin;
  return round;
}

struct Reader {
  std::string name;
  std::unique_ptr<Device> device;
  std::unique_ptr<PlainLoop> plain;

  Round read(Work& work) {
    return plain != nullptr ? read_plainly(*plain, work) : read_with_device(*device, work);
  }
};

struct Figures {
  std::vector<double> values;

  std::string text(const char* format) {
    std::sort(values.begin(), values.end());
    char part[96];
    std::string pattern = std::string(format) + " [" + format + ".." + format + "]";
    std::snprintf(part, sizeof part, pattern.c_str(), values[values.size() / 2], values.front(),
                  values.back());
    return part;
  }
};

struct Column {
  Figures rate, ratio, cpu, submit;
};

bool parse(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    const bool has_value = i + 1 < count;
    if (word == "--small") {
      options.small = true;
      options.size_mib = 8;
      options.rounds = 1;
    } else if (word == "--file" && has_value) {
      options.file = arguments[++i];
    } else if (word == "--out" && has_value) {
      options.out = arguments[++i];
    } else if (word == "--size" && has_value) {
      options.size_mib = std::strtoull(arguments[++i], nullptr, 10);
    } else if (word == "--rounds" && has_value) {
      options.rounds = std::atoi(arguments[++i]);
    } else {
      return false;
    }
  }
  return options.rounds > 0 && options.size_mib > 0;
}

// A file of random bytes that is gone when the program ends; empty if it cannot be made.
std::string make_file(std::uint64_t size_mib) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder != nullptr ? folder : "/tmp") + "/nearfield_bench_XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) return "";
  Prng prng(1);
  std::vector<std::uint64_t> part((1 << 20) / 8);
  bool right = true;
  for (std::uint64_t i = 0; i < size_mib && right; ++i) {
    for (std::uint64_t& word : part) word = prng.next();
    right = ::write(file, part.data(), 1 << 20) == 1 << 20;
  }
  right = ::fsync(file) == 0 && right;
  ::close(file);
  if (!right) ::unlink(path.c_str());
  return right ? path : "";
}

std::vector<Reader> open_readers() {
  std::vector<Reader> readers;
  const DeviceOptions options{.reads_max = 256, .in_flight_max = {kWindow}};
  if (auto plain = PlainLoop::open()) readers.push_back({"plain ring", nullptr, std::move(plain)});
  if (auto ring = open_uring_device(options))
    readers.push_back({"io_uring", std::move(*ring), nullptr});
  if (auto pool = open_thread_device(options))
    readers.push_back({"threads", std::move(*pool), nullptr});
  return readers;
}

// One line for each reader. False if a byte was wrong.
bool measure(std::vector<Reader>& readers, Work work, const Options& options, const char* pages,
             std::FILE* out) {
  std::vector<Column> columns(readers.size());
  std::uint64_t right_hash = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    work.hashed = true;
    work.hash = 0;
    const bool right = readers[i].read(work).right;
    if (i == 0) right_hash = work.hash;
    if (!right || work.hash != right_hash) {
      std::fprintf(stderr, "device_bench: %s read wrong bytes\n", readers[i].name.c_str());
      return false;
    }
  }
  work.hashed = false;
  const double bytes = static_cast<double>(work.offsets.size() * work.block);
  Prng prng(work.block);
  for (int round = 0; round < options.rounds; ++round) {
    double first = 0;
    for (std::size_t n = 0; n < readers.size(); ++n) {
      for (std::size_t i = work.offsets.size(); i > 1; --i) {
        std::swap(work.offsets[i - 1], work.offsets[prng.below(i)]);
      }
      const Round one = readers[n].read(work);
      if (!one.right) return false;
      if (n == 0) first = one.seconds;
      columns[n].rate.values.push_back(bytes / one.seconds * 1e-6);
      columns[n].ratio.values.push_back(first / one.seconds);
      columns[n].cpu.values.push_back(one.cpu_seconds / bytes * 1e9);
      columns[n].submit.values.push_back(one.submit_ns);
    }
  }
  for (std::size_t n = 0; n < readers.size(); ++n) {
    std::fprintf(out,
                 "%4lu KiB %-8s %-10s | MB/s %-18s | ratio %-18s | cpu_s/GB %-21s | submit_ns %-16s"
                 " | %016lx\n",
                 static_cast<unsigned long>(work.block >> 10), pages, readers[n].name.c_str(),
                 columns[n].rate.text("%.0f").c_str(), columns[n].ratio.text("%.2f").c_str(),
                 columns[n].cpu.text("%.3f").c_str(), columns[n].submit.text("%.0f").c_str(),
                 static_cast<unsigned long>(right_hash));
    std::fflush(out);
  }
  return true;
}

int run(const Options& options, const std::string& path, std::FILE* out) {
  Work work;
  work.file = {.buffered = ::open(path.c_str(), O_RDONLY | O_CLOEXEC),
               .direct = ::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
  struct stat about{};
  if (work.file.buffered < 0 || ::fstat(work.file.buffered, &about) != 0) return 3;
  std::vector<Reader> readers = open_readers();
  if (readers.empty()) return 4;
  std::fprintf(out,
               "%s reads, %lu MiB, %d rounds, window 4 MiB, median [min..max]; ratio to %s in the"
               " same round\n",
               work.file.direct >= 0 ? "direct" : "buffered",
               static_cast<unsigned long>(about.st_size >> 20), options.rounds,
               readers[0].name.c_str());
  for (const PageKind kind : {PageKind::huge, PageKind::ordinary}) {
    const Result<PageBlock> memory = PageBlock::map(Bytes{2 * kWindow}, kind);
    if (!memory) return 4;
    work.memory = memory->bytes();
    std::memset(work.memory.data(), 0, work.memory.size());
    for (const std::uint64_t block : {64u << 10, 256u << 10, 1024u << 10}) {
      work.block = block;
      work.offsets.clear();
      const auto size = static_cast<std::uint64_t>(about.st_size);
      for (std::uint64_t at = 0; at + block <= size; at += block) work.offsets.push_back(at);
      const char* pages = kind == PageKind::huge ? "huge" : "ordinary";
      if (!measure(readers, work, options, pages, out)) return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!parse(count, arguments, options)) {
    std::fprintf(
        stderr,
        "use: device_bench [--file PATH] [--size MIB] [--rounds N] [--small] [--out FILE]\n");
    return 2;
  }
  const bool made = options.file.empty();
  const std::string path = made ? make_file(options.size_mib) : options.file;
  if (path.empty()) return 4;
  std::FILE* out = options.out.empty() ? stdout : std::fopen(options.out.c_str(), "w");
  const int code = out == nullptr ? 4 : run(options, path, out);
  if (out != nullptr && out != stdout) std::fclose(out);
  if (made) ::unlink(path.c_str());
  return code;
}
