#include "shell/report.hpp"

#include <scena/engine.hpp>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"

namespace scena::shell {
namespace {

// The page may do nothing: no script, no request, whatever its text holds.
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
    "'none'";

std::string footer(const ReportData& report) {
  return "<footer><p>Session <code>" + html(report.info.id) + "</code>, preset <code>" +
         html(report.info.preset) + "</code>, event " + std::to_string(report.info.last_seq) +
         ". Written by scena " + version() + ".</p></footer>\n";
}

}  // namespace

std::string report_head(std::string_view title, std::string_view more_style) {
  std::string out = "<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta http-equiv=\"Content-Security-Policy\" content=\"" + std::string(kPolicy) + "\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += "<link rel=\"icon\" href=\"data:,\">\n";
  out += element("title", "", html(title) + " · Scena report") + "\n";
  out += "<style>" + std::string(report_style()) + std::string(more_style) + "</style>\n</head>\n";
  return out;
}

std::string speaker_class(const ReportData& report, std::string_view participant) {
  const auto& known = report.info.participants;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].id == participant) return "s" + std::to_string(i % 6 + 1);
  }
  return "s6";
}

std::string render_report(const ReportData& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n" + report_head(report.info.title) + "<body>\n";
  out += "<a class=\"skip\" href=\"#transcript\">To the transcript</a>\n";
  out += report_header(report);
  out += "<main>\n" + report_facts(report) + report_analysis(report) + report_charts(report) +
         report_transcript(report) + report_timing(report) + report_usage(report) +
         report_scenario(report) + "</main>\n";
  return out + footer(report) + "</body>\n</html>\n";
}

}  // namespace scena::shell
