#pragma once

#include <scena/error.hpp>
#include <string>
#include <string_view>

namespace scena::shell {

/// Where the command writes: standard output and the error output, with what is known of the
/// terminal behind them.
class Console {
 public:
  Console();

  /// Writes to standard output. When nobody reads it any more, writing stops silently and
  /// is_broken() says so.
  void write(std::string_view text);
  /// write() with a line end.
  void line(std::string_view text);
  void flush();
  bool is_broken() const noexcept { return broken_; }

  /// One line "scena: ..." for each line of `text` on the error output.
  void fault(std::string_view text);
  void fault(const Error& error);
  void note(std::string_view text);

  bool is_terminal() const noexcept { return terminal_; }
  std::size_t width() const noexcept { return width_; }
  /// `text` between the codes of an ANSI style such as "1;36" on a terminal, else unchanged.
  std::string styled(std::string_view style, std::string_view text) const;

 private:
  bool terminal_ = false;
  bool colour_ = false;
  bool broken_ = false;
  std::size_t width_ = 100;
};

/// Text of a model or a person, safe to print: control characters and escape sequences become
/// visible marks, so that no text can drive the terminal. Line ends stay.
std::string printable(std::string_view text);

}  // namespace scena::shell
