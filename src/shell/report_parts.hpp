#pragma once

#include <string>
#include <string_view>

#include "shell/report.hpp"

namespace scena::shell {

// The parts of the page, each a piece of HTML.

std::string_view report_style() noexcept;
std::string report_header(const ReportData& report);
std::string report_facts(const ReportData& report);
std::string report_analysis(const ReportData& report);
std::string report_charts(const ReportData& report);
std::string report_transcript(const ReportData& report);
std::string report_timing(const ReportData& report);
std::string report_usage(const ReportData& report);
std::string report_scenario(const ReportData& report);

/// The CSS class of a speaker's colour, "s1" to "s6".
std::string speaker_class(const ReportData& report, std::string_view participant);

}  // namespace scena::shell
