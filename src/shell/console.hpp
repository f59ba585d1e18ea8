#pragma once

#include <scena/error.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>

namespace scena::shell {

/// Where the command writes: standard output and the error output, with what is known of the
/// terminal behind them.
class Console {
 public:
  Console();

  /// Looks at the terminal's size again; width() and height() change only here.
  void measure() noexcept;

  /// Writes to standard output. When nobody reads it any more, writing stops silently and
  /// is_broken() says so.
  void write(std::string_view text);
  /// write() with a line end.
  void line(std::string_view text);
  void flush();
  bool is_broken() const noexcept { return failure_ != 0; }
  /// Writes what is still buffered. Fails when text was lost, but not when nobody reads any more.
  Result<void> close();

  /// One line "scena: ..." for each line of `text` on the error output.
  void fault(std::string_view text);
  void fault(const Error& error);
  void note(std::string_view text);

  bool is_terminal() const noexcept { return terminal_; }
  /// Colours and cursor movements are understood and wanted.
  bool is_coloured() const noexcept { return colour_; }
  std::size_t width() const noexcept { return width_; }
  /// Lines of the terminal; 0 where there is none, or it does not say.
  std::size_t height() const noexcept { return height_; }
  /// `text` between the codes of an ANSI style such as "1;36" on a terminal, else unchanged.
  std::string styled(std::string_view style, std::string_view text) const;

 private:
  bool terminal_ = false;
  bool colour_ = false;
  int failure_ = 0;          ///< errno of the first write that failed.
  std::size_t width_ = 100;  ///< Also where there is no terminal.
  std::size_t height_ = 0;
};

/// Text of a model or a person, safe to print: control characters, escape sequences and what turns
/// the direction of text become visible marks, so that no text can drive the terminal. Line ends
/// stay.
std::string printable(std::string_view text);

}  // namespace scena::shell
