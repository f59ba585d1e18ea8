#include "shell/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace scena::shell {
namespace {

constexpr std::size_t kWidest = 100;
constexpr std::size_t kNarrowest = 40;

winsize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

bool wants_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (!none || !*none) && term && std::string_view(term) != "dumb";
}

// Bytes of the control character that `text`, which is not empty, begins with; 0 where it begins
// with none: C0, C1, which some terminals obey, and those that turn the direction of what follows
// (U+202A to U+202E, U+2066 to U+2069).
std::size_t control_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  const unsigned first = byte(0);
  if (first < 0x20) return first == '\n' || first == '\t' ? 0 : 1;
  if (first == 0x7F) return 1;
  if (first == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  const bool embeds = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE;
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return first == 0xE2 && (embeds || isolates) ? 3 : 0;
}

}  // namespace

Console::Console() : terminal_(isatty(STDOUT_FILENO) == 1), colour_(terminal_ && wants_colour()) {
  measure();
}

void Console::measure() noexcept {
  if (!terminal_) return;
  const winsize size = terminal_size();
  height_ = size.ws_row;
  if (size.ws_col != 0) width_ = std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

void Console::write(std::string_view text) {
  if (!failure_ && std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    failure_ = errno;
}

void Console::line(std::string_view text) {
  write(text);
  write("\n");
}

void Console::flush() {
  if (!failure_ && std::fflush(stdout) != 0) failure_ = errno;
}

Result<void> Console::close() {
  flush();
  // Who stops reading has seen enough; what was cut off for another reason is a fault.
  if (!failure_ || failure_ == EPIPE) return {};
  return Error(ErrorCode::storage_failed,
               std::string("standard output cannot be written: ") + std::strerror(failure_));
}

void Console::fault(std::string_view text) {
  flush();
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    note("scena: " + printable(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Console::fault(const Error& error) {
  fault(error.what());
}

void Console::note(std::string_view text) {
  flush();
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

std::string Console::styled(std::string_view style, std::string_view text) const {
  if (!colour_) return std::string(text);
  return "\x1b[" + std::string(style) + "m" + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t control = control_length(text.substr(at));
    if (control != 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text[at];
    }
    at += std::max<std::size_t>(control, 1);
  }
  return out;
}

}  // namespace scena::shell
