#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <optional>
#include <scena/metrics.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "shell/commands.hpp"
#include "shell/utf8.hpp"

namespace scena::shell {
namespace {

// A line that is longer is refused: its text could not be kept twice in memory either.
constexpr std::size_t kMaxLine = 64u << 20;

// As many short messages take a hundred times as long as starting a thread.
constexpr std::size_t kLinesPerThread = 200;

// Measures standard input, line by line; the lines of a piece on several threads.
class Measuring {
 public:
  explicit Measuring(Console& console) : console_(console) {}

  // A piece of the input, of any size. Its last line may go on in the next piece.
  void take(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      if (end == std::string_view::npos) break;
      if (open_.empty() && !too_long_) {
        lines_.push_back(unmarked(piece.substr(0, end)));
      } else {
        append(piece.substr(0, end));
        end_open_line();
      }
      piece.remove_prefix(end + 1);
    }
    measure_lines();
    append(piece);
  }

  // The last line may lack its end. Of one that was not read to its end nothing is told.
  Exit finish() {
    if (!console_.is_broken() && (!open_.empty() || too_long_)) end_open_line();
    return faults_ == 0 ? Exit::ok : Exit::other;
  }

 private:
  void append(std::string_view part) {
    too_long_ = too_long_ || open_.size() + part.size() > kMaxLine;
    if (too_long_) {
      open_.clear();
    } else {
      open_.append(part);
    }
  }

  // The line that began in an earlier piece.
  void end_open_line() {
    if (too_long_) {
      ++number_;
      fault(fmt::format("the line is longer than {} MB; shorten \"text\" or \"history\"",
                        kMaxLine >> 20));
    } else {
      write(answer(unmarked(open_)));
    }
    open_.clear();
    too_long_ = false;
  }

  // Editors and spreadsheets may begin a file with a byte-order mark.
  std::string_view unmarked(std::string_view line) const {
    const bool is_first = number_ == 0 && lines_.empty();
    if (is_first && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    return line;
  }

  // Nothing for a blank line.
  std::optional<Result<std::string>> answer(std::string_view line) const {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return std::nullopt;
    return meter_.measure_json(line);
  }

  void measure_lines() {
    std::vector<std::optional<Result<std::string>>> answers(lines_.size());
    const auto measure = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) answers[i] = answer(lines_[i]);
    };
    const std::size_t threads =
        std::clamp<std::size_t>(lines_.size() / kLinesPerThread, 1,
                                std::clamp(std::thread::hardware_concurrency(), 1u, 8u));
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < threads; ++i) {
      others.push_back(std::async(std::launch::async, measure, lines_.size() * i / threads,
                                  lines_.size() * (i + 1) / threads));
    }
    measure(0, lines_.size() / threads);
    for (auto& other : others) other.get();
    for (const auto& one : answers) write(one);
    lines_.clear();
  }

  void write(const std::optional<Result<std::string>>& answer) {
    ++number_;
    if (!answer) return;
    if (*answer) {
      console_.line(**answer);
    } else {
      fault(answer->error().what());
    }
  }

  void fault(std::string_view what) {
    ++faults_;
    console_.fault(fmt::format("line {}: {}", number_, what));
  }

  Console& console_;
  Meter meter_;
  std::vector<std::string_view> lines_;  // of the piece at hand
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
