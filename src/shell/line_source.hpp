#pragma once

#include <cstddef>
#include <scena/result.hpp>
#include <string>
#include <utility>

namespace scena::shell {

/// What is said of an input without a message.
Error no_message();

/// A person's lines from a file or a terminal, as they come. Blank lines are left out, and so is a
/// byte-order mark before the first.
class LineSource {
 public:
  /// Looks a regular file through first, so that no line of it is taken when one is no message, or
  /// there is none at all.
  /// @param path       A file, or "-" for standard input.
  /// @param max_bytes  Of a line; a longer one is refused as soon as so much of it is there.
  ///                   Errors: not_found, invalid_argument, too_large.
  static Result<LineSource> open(const std::string& path, std::size_t max_bytes);
  LineSource(LineSource&& other) noexcept;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  /// For waiting until fill() has something to read.
  int descriptor() const noexcept { return fd_; }
  /// Takes the next whole line. @return false when there is none yet, or no more. Errors:
  /// invalid_argument for a line that is not UTF-8 or holds a NUL, too_large; they name it.
  Result<bool> take(std::string& line);
  /// The line that was taken last, counted from 1.
  std::size_t number() const noexcept { return number_; }
  /// Whether a line is left, whatever it holds, as far as that is known without waiting.
  bool has_more();
  /// True when take() has left out a blank line since the last call.
  bool left_out() noexcept { return std::exchange(left_out_, false); }
  /// Reads once; waits if there is nothing.
  void fill();
  /// True when nothing more can be read; take() may still have lines.
  bool ended() const noexcept { return ended_; }

 private:
  LineSource(int fd, bool owned, std::size_t max_bytes) noexcept
      : fd_(fd), owned_(owned), max_bytes_(max_bytes) {}
  bool cut_line(std::string& line);
  Result<void> check(const std::string& line) const;
  Result<void> look_through();

  int fd_;
  bool owned_;
  std::size_t max_bytes_;
  bool ended_ = false;
  bool left_out_ = false;
  std::string buffer_;
  std::size_t scanned_ = 0;  // bytes of it that hold no line end
  std::size_t number_ = 0;   // of the line that was cut last
};

}  // namespace scena::shell
