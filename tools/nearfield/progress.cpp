#include "tools/nearfield/progress.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tools/nearfield/sizes.h"

namespace nf {
namespace {

constexpr std::int64_t kRedrawEvery = 100'000'000;
constexpr std::int64_t kPlainLineEvery = 5'000'000'000;

std::int64_t steady_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

bool stderr_is_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && !(kind != nullptr && std::strcmp(kind, "dumb") == 0);
}

std::size_t terminal_width() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string progress_bar(double part, std::size_t width) {
  const double clamped = std::clamp(part, 0.0, 1.0);
  const std::size_t full = static_cast<std::size_t>(clamped * static_cast<double>(width));
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

Progress::Progress(ProgressOptions options)
    : options_(std::move(options)), terminal_(stderr_is_terminal()), started_ns_(steady_ns()) {
  drawn_ns_ = started_ns_;
}

Progress::~Progress() {
  clear();
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
  if (!options_.shown) return;
  const std::int64_t now = steady_ns();
  if (now - drawn_ns_ < (terminal_ ? kRedrawEvery : kPlainLineEvery)) return;
  drawn_ns_ = now;
  const std::string text = line(done, total, static_cast<double>(now - started_ns_) * 1e-9);
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", text.substr(0, terminal_width() - 1).c_str());
    drawn_ = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

std::string Progress::line(std::uint64_t done, std::uint64_t total, double elapsed) const {
  // Estimates may fall short of the truth: never show more than everything.
  total = std::max(total, done);
  const double part = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
  const std::string bar = terminal_ ? " " + progress_bar(part, 16) : "";
  std::string text = options_.what + bar + text_of(" %3.0f %%  ", part * 100);
  if (options_.unit == ProgressUnit::bytes) {
    const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
    text += human_size({done}) + " of " + human_size({total}) + "  " +
            human_size({static_cast<std::uint64_t>(rate)}) + "/s";
  } else if (options_.unit == ProgressUnit::milliseconds) {
    text += human_time(static_cast<double>(done) * 1e-3) + " of " +
            human_time(static_cast<double>(total) * 1e-3);
  }
  if (part > 0.01 && part < 1) text += "  " + human_time(elapsed / part - elapsed) + " left";
  return text;
}

}  // namespace nf
