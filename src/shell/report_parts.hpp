#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shell/report.hpp"

namespace scena::shell {

// The parts of the page, each a piece of HTML.

std::string_view report_style() noexcept;
/// The page's head; `more_style` comes behind the style of all reports.
std::string report_head(std::string_view title, std::string_view more_style = {});
/// One fact of a list of class "cards"; `note` may be empty.
std::string report_card(std::string_view name, const std::string& value, const std::string& note);
std::string report_header(const ReportData& report);
std::string report_facts(const ReportData& report);
std::string report_analysis(const ReportData& report);
std::string report_charts(const ReportData& report);
std::string report_transcript(const ReportData& report);
std::string report_timing(const ReportData& report);
std::string report_usage(const ReportData& report);
std::string report_scenario(const ReportData& report);

/// True when the evidence names whole characters of this text.
bool lies_in(const Evidence& place, std::string_view text);

/// The words that a piece of evidence names, cut to about 80 bytes, and the message they are in.
struct QuotedWords {
  std::string words;
  std::size_t index = 0;  ///< Of the message in the report.
};
/// Nothing where the report does not hold the message, or the place is not in it.
std::optional<QuotedWords> quoted_words(const ReportData& report, const Evidence& place);

/// The CSS class of a speaker's colour, "s1" to "s6".
std::string speaker_class(const ReportData& report, std::string_view participant);

}  // namespace scena::shell
