#include "shell/report_parts.hpp"

namespace scena::shell {
namespace {

constexpr std::size_t kMostQuoted = 80;

bool is_boundary(std::string_view text, std::size_t at) {
  return at >= text.size() || (text[at] & 0xC0) != 0x80;
}

std::string shortened(const std::string& text) {
  if (text.size() <= kMostQuoted) return text;
  std::size_t end = kMostQuoted;
  while (!is_boundary(text, end)) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

bool lies_in(const Evidence& place, std::string_view text) {
  return place.begin < place.end && place.end <= text.size() && is_boundary(text, place.begin) &&
         is_boundary(text, place.end);
}

std::optional<QuotedWords> quoted_words(const ReportData& report, const Evidence& place) {
  for (std::size_t i = 0; i < report.messages.size(); ++i) {
    if (report.messages[i].id != place.message) continue;
    const std::string text = report.messages[i].text();
    if (!lies_in(place, text)) return std::nullopt;
    return QuotedWords{shortened(text.substr(place.begin, place.end - place.begin)), i};
  }
  return std::nullopt;
}

}  // namespace scena::shell
