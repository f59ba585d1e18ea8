#include "shell/side_panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

constexpr std::size_t kPanelWidth = 29;
constexpr std::size_t kGap = 3;
constexpr std::size_t kNarrowestText = 58;
constexpr int kCells = 8;  // of a bar
constexpr std::array<std::string_view, 9> kEighths = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

// From the left, to an eighth of a cell.
std::string bar_of(double share, int cells) {
  const auto eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells * 8));
  std::string bar;
  for (int cell = 0; cell < cells; ++cell)
    bar += kEighths[static_cast<std::size_t>(std::clamp(eighths - cell * 8, 0, 8))];
  return bar;
}

// From the middle to either side; the left side knows half cells only.
std::string bar_of_both(double value) {
  constexpr int side = kCells / 2;
  if (value >= 0) return std::string(side, ' ') + bar_of(value, side);
  const auto halves = static_cast<int>(std::lround(std::min(-value, 1.0) * side * 2));
  std::string bar;
  for (int cell = side; cell > 0; --cell)
    bar += halves >= cell * 2 ? "█" : halves == cell * 2 - 1 ? "▐" : " ";
  return bar + std::string(side, ' ');
}

}  // namespace

std::string gauge(const Console& console, const MetricScore& score, std::string_view style,
                  bool warn) {
  const std::string bar =
      score.metric == "sentiment" ? bar_of_both(score.value) : bar_of(score.value, kCells);
  const std::string text = fmt::format("{:<14.14} {:>5} ", score.metric, score_text(score));
  if (warn) return console.styled("33", text + bar);
  return console.styled("2", text) + console.styled(style, bar);
}

bool SidePanel::fits() const noexcept {
  return console_.is_coloured() && console_.height() > kRows + 2 &&
         console_.width() >= kNarrowestText + kGap + kPanelWidth;
}

std::size_t SidePanel::text_width() const noexcept {
  return fits() ? console_.width() - kGap - kPanelWidth : console_.width();
}

void SidePanel::open() {
  line_ = drawn_ = 0;
  if (!fits()) return;
  console_.write(std::string(kRows, '\n') + fmt::format("\x1b[{}A", kRows));
}

void SidePanel::passed(std::string_view printed) noexcept {
  line_ += static_cast<std::size_t>(std::count(printed.begin(), printed.end(), '\n'));
}

void SidePanel::draw(const std::vector<std::string>& rows) {
  // What has left the screen at the top cannot be drawn on.
  if (!fits() || line_ + 1 >= console_.height()) return;
  std::string out =
      "\x1b"
      "7";
  drawn_ = std::min(rows.size(), kRows);
  for (std::size_t row = 0; row < drawn_; ++row) {
    if (row < line_) out += fmt::format("\x1b[{}A", line_ - row);
    if (row > line_) out += fmt::format("\x1b[{}B", row - line_);
    out += fmt::format("\x1b[{}G", console_.width() - kPanelWidth + 1) + rows[row] +
           "\x1b"
           "8";
  }
  console_.write(out);
}

void SidePanel::close() {
  while (line_ < drawn_) {
    console_.write("\n");
    ++line_;
  }
  drawn_ = 0;
}

}  // namespace scena::shell
