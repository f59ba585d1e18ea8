#include "shell/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace scena::shell {
namespace {

constexpr std::size_t kBar = 30;
constexpr std::size_t kLeastBar = 10;

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const BatchProgress& progress, std::size_t width) {
  std::string text = fmt::format("{} of {}", progress.done, progress.total);
  if (progress.failed != 0) text += fmt::format(", {} failed", progress.failed);
  text += fmt::format(", {} running, ${}", progress.running, progress.cost.to_string());
  if (width < text.size() + kLeastBar + 4) return text.substr(0, width);
  const std::size_t bar = std::min(kBar, width - text.size() - 4);
  const std::size_t full =
      progress.total == 0 ? bar : std::min(bar, bar * progress.done / progress.total);
  return "[" + std::string(full, '=') + std::string(bar - full, ' ') + "]  " + text;
}

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (terminal_ && !shown_.empty()) std::fprintf(stderr, "\r\x1b[K");
}

void ProgressBar::show(const BatchProgress& progress) {
  if (!terminal_) return;
  // The last column stays free: some terminals go to the next line there.
  std::string line = progress_line(progress, columns() - 1);
  if (line == shown_) return;
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  shown_ = std::move(line);
}

}  // namespace scena::shell
