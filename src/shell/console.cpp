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
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool c1 =
        byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (c1) {
      out += "\xEF\xBF\xBD";  // the C1 controls; some terminals obey them
      ++at;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace scena::shell
