#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <scena/metrics.hpp>

#include "shell/commands.hpp"

namespace scena::shell {
namespace {

// A line that is longer is refused: its text could not be kept twice in memory either.
constexpr std::size_t kMaxLine = 64u << 20;

// Measures standard input, line by line.
class Measuring {
 public:
  explicit Measuring(Console& console) : console_(console) {}

  // A piece of the input, of any size.
  void take(std::string_view piece) {
    while (!piece.empty() && !console_.is_broken()) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end);
      const bool whole = end != std::string_view::npos;
      piece.remove_prefix(whole ? end + 1 : piece.size());
      if (whole && open_.empty() && !too_long_) {
        line(part);
        continue;
      }
      too_long_ = too_long_ || open_.size() + part.size() > kMaxLine;
      if (too_long_) {
        open_.clear();
      } else {
        open_.append(part);
      }
      if (whole) end_line();
    }
  }

  // The last line may lack its end.
  Exit finish() {
    if (!open_.empty() || too_long_) end_line();
    return faults_ == 0 ? Exit::ok : Exit::other;
  }

 private:
  void end_line() {
    if (too_long_) {
      ++number_;
      fault(fmt::format("the line is longer than {} MB; shorten \"text\" or \"history\"",
                        kMaxLine >> 20));
    } else {
      line(open_);
    }
    open_.clear();
    too_long_ = false;
  }

  void line(std::string_view text) {
    ++number_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == std::string_view::npos) return;
    const Result<std::string> answer = meter_.measure_json(text);
    if (answer) {
      console_.line(*answer);
    } else {
      fault(answer.error().what());
    }
  }

  void fault(std::string_view what) {
    ++faults_;
    console_.fault(fmt::format("line {}: {}", number_, what));
  }

  Console& console_;
  Meter meter_;
  std::string open_;
  std::size_t number_ = 0;
  std::size_t faults_ = 0;
  bool too_long_ = false;
};

}  // namespace

Exit measure_command(const Args&, Console& console) {
  Measuring measuring(console);
  std::string piece(std::size_t{256} << 10, '\0');
  while (!console.is_broken()) {
    const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw Error(ErrorCode::storage_failed,
                  std::string("standard input cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    measuring.take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    // Whoever writes the lines one by one waits for their answers.
    if (static_cast<std::size_t>(got) < piece.size()) console.flush();
  }
  return measuring.finish();
}

}  // namespace scena::shell
