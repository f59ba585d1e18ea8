#pragma once

#include <scena/message.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "shell/console.hpp"

namespace scena::shell {

/// Rows at the right edge of a terminal, beside a text that is still being printed. It counts the
/// lines of the text, so that the rows can be drawn again and again without disturbing it.
class SidePanel {
 public:
  /// Rows that there is room for.
  static constexpr std::size_t kRows = 4;

  explicit SidePanel(Console& console) noexcept : console_(console) {}

  /// False in pipes, without colours, and on small terminals: then nothing is drawn.
  bool fits() const noexcept;
  /// Columns that the text may use.
  std::size_t text_width() const noexcept;

  /// The cursor stands where a text begins; makes sure that the rows beside it are on the screen.
  void open();
  /// To be told of everything that is printed after open().
  void passed(std::string_view printed) noexcept;
  void draw(const std::vector<std::string>& rows);
  /// The cursor stands at the beginning of a line; moves it below the last row that was drawn.
  void close();

 private:
  Console& console_;
  std::size_t line_ = 0;   ///< Of the cursor, from the line that open() saw.
  std::size_t drawn_ = 0;  ///< Rows.
};

/// "evasiveness    0.41 ███▎    ", of always the same width; the bar of a metric with two sides
/// (sentiment) grows from its middle. `style` colours the bar, `warn` the whole row.
std::string gauge(const Console& console, const MetricScore& score, std::string_view style,
                  bool warn);

}  // namespace scena::shell
