// sim_seeds: runs the simulator over many seeds and names the first that breaks a promise.
//
//   sim_seeds [--first N] [--count M] [--threads T] [--stop] [--crowd] [--workers N]
//
// --crowd: thousands of observers in each; --workers: that decode, in place of what is drawn.
//
// Exit: 0 all good, 1 a promise was broken, 2 wrong use.
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/sim/sim_run.h"

namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  unsigned threads = 2;
  bool stop_at_first = false;
  nf::sim::SimChoices choices;
};

struct Tally {
  std::mutex mutex;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> broken;  // why: count, lowest seed
  std::atomic<std::uint64_t> next{0}, steps{0}, arrivals{0}, failures{0}, retries{0};
  std::atomic<std::uint64_t> hash{0};  // of all, in whatever order they ran
  std::atomic<bool> stop{false};
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--stop") {
      options.stop_at_first = true;
      continue;
    }
    if (word == "--crowd") {
      options.choices.crowd = true;
      continue;
    }
    if (i + 1 >= argc) return false;
    const std::uint64_t value = std::strtoull(argv[++i], nullptr, 0);
    if (word == "--first")
      options.first = value;
    else if (word == "--count")
      options.count = value;
    else if (word == "--threads" && value > 0 && value <= 64)
      options.threads = static_cast<unsigned>(value);
    else if (word == "--workers" && value <= 40)
      options.choices.workers = static_cast<std::uint32_t>(value);
    else
      return false;
  }
  return true;
}

thread_local std::uint64_t seed_of_this_thread = 0;

// A broken assertion ends the process: says at which seed, then lets it end. Only calls that a
// signal handler may make.
void name_the_seed(int signal) {
  char line[64] = "the process was ended by seed ";
  const std::size_t head = std::strlen(line);
  char* end = std::to_chars(line + head, line + sizeof(line) - 1, seed_of_this_thread).ptr;
  *end++ = '\n';
  (void)!write(STDERR_FILENO, line, static_cast<std::size_t>(end - line));
  std::signal(signal, SIG_DFL);
  raise(signal);
}

void work(const Options& options, Tally& tally) {
  for (;;) {
    const std::uint64_t i = tally.next.fetch_add(1);
    if (i >= options.count || tally.stop) return;
    seed_of_this_thread = options.first + i;
    const nf::sim::SimResult result = nf::sim::run_seed(options.first + i, options.choices);
    tally.steps += result.steps;
    tally.arrivals += result.arrivals;
    tally.failures += result.failures;
    tally.retries += result.retries;
    tally.hash += (result.event_hash ^ (options.first + i)) * 0x9E3779B97F4A7C15ull;
    if (result.good) continue;
    if (options.stop_at_first) tally.stop = true;
    const std::lock_guard lock(tally.mutex);
    auto& [count, lowest] = tally.broken[result.why];
    lowest = count == 0 ? options.first + i : std::min(lowest, options.first + i);
    ++count;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(
        "usage: sim_seeds [--first N] [--count M] [--threads T] [--stop] [--crowd] "
        "[--workers N]\n",
        stderr);
    return 2;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, name_the_seed);
  Tally tally;
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i)
    threads.emplace_back([&] { work(options, tally); });
  for (std::thread& thread : threads) thread.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const std::uint64_t ran = std::min(tally.next.load(), options.count);
  std::printf(
      "%llu seeds from %llu in %.1f s, %llu steps, %llu arrivals, %llu failures, %llu retries, "
      "hash %016llx\n",
      static_cast<unsigned long long>(ran), static_cast<unsigned long long>(options.first), seconds,
      static_cast<unsigned long long>(tally.steps.load()),
      static_cast<unsigned long long>(tally.arrivals.load()),
      static_cast<unsigned long long>(tally.failures.load()),
      static_cast<unsigned long long>(tally.retries.load()),
      static_cast<unsigned long long>(tally.hash.load()));
  for (const auto& [why, found] : tally.broken) {
    std::printf("BROKEN %llu times, first at seed %llu: %s\n",
                static_cast<unsigned long long>(found.first),
                static_cast<unsigned long long>(found.second), why.c_str());
  }
  return tally.broken.empty() ? 0 : 1;
}
