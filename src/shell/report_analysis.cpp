#include <fmt/format.h>

#include "shell/analysis_text.hpp"
#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

std::string quoted(const ReportData& report, const AnalysisQuote& quote) {
  return "<p class=\"quote\"><a href=\"#" + html(quote.message) + "\">" + html(quote.message) +
         "</a> <span class=\"name " + speaker_class(report, quote.speaker) + "\">" +
         html(name_of(report.info, quote.speaker)) + "</span> " +
         element("q", "", html(quote.text)) + "</p>";
}

std::string remark(const std::string& text) {
  return text.empty() ? std::string() : element("p", "note", html(text));
}

// A heading and a list; nothing for an empty one.
template <class T, class Item>
std::string findings(std::string_view title, const std::vector<T>& items, Item item) {
  if (items.empty()) return {};
  std::string out = element("h3", "", html(title)) + "<ol class=\"findings\">\n";
  for (const T& one : items) out += "<li>" + item(one) + "</li>\n";
  return out + "</ol>\n";
}

std::string criteria_list(const ReportData& report, const Analysis& analysis) {
  const std::string title = analysis.overall
                                ? fmt::format("Criteria: {:.0f} of 100", *analysis.overall * 100)
                                : std::string("Criteria");
  return findings(title, analysis.criteria, [&](const AnalysisCriterion& criterion) {
    std::string out = element("strong", "", html(criterion.title)) + " " +
                      (criterion.score ? fmt::format("{} of 10", *criterion.score)
                                       : std::string("not to be judged"));
    out += remark(criterion.comment);
    for (const AnalysisQuote& quote : criterion.quotes) out += quoted(report, quote);
    return out;
  });
}

std::string speaker_list(const ReportData& report, const Analysis& analysis) {
  return findings("Who spoke", analysis.speakers, [&](const AnalysisSpeaker& speaker) {
    std::string figures =
        fmt::format("{:.0f} % of the words, {}, {} asked", speaker.talk_share * 100,
                    plural(speaker.messages, "message"), plural(speaker.questions, "question"));
    const auto mean = [&](const char* name, const std::optional<double>& value) {
      if (value) figures += fmt::format(", {} {:.2f}", name, *value);
    };
    mean("sentiment", speaker.sentiment);
    mean("engagement", speaker.engagement);
    mean("evasiveness", speaker.evasiveness);
    for (const AnalysisDetection& detection : speaker.detections)
      figures += ", " + detection.what + " " + detection.label;
    return "<span class=\"name " + speaker_class(report, speaker.id) + "\">" + html(speaker.name) +
           "</span> " + html(figures);
  });
}

std::string question_list(const ReportData& report, const Analysis& analysis) {
  return findings("Questions", analysis.questions, [&](const AnalysisQuestion& question) {
    std::string out = element("strong", "", html(question.text)) + " " +
                      element("span", "badge", html(analysis_word(question.status)));
    if (question.answer) out += quoted(report, *question.answer);
    return out;
  });
}

}  // namespace

std::string report_analysis(const ReportData& report) {
  if (!report.analysis) return {};
  const Analysis& analysis = *report.analysis;
  std::string out =
      "<section aria-labelledby=\"analysis\">\n<h2 id=\"analysis\">Analysis</h2>\n<div "
      "class=\"panel analysis\">\n";
  out += element("p", "", html(analysis.summary)) + "\n";
  out += element("p", "note", html(analysis_source(analysis))) + "\n";
  out += criteria_list(report, analysis);
  out += speaker_list(report, analysis);
  out += question_list(report, analysis);
  if (analysis.judge) {
    out += element("h3", "", "Second opinions") +
           element("p", "", html(judge_counts(*analysis.judge)));
    out += findings("Agreement", analysis.judge->agreement, [](const MetricAgreement& agreement) {
      return element("strong", "", html(agreement.metric)) + " " + html(agreement_text(agreement));
    });
  }
  out += findings("Skipped", analysis.escapes, [&](const AnalysisEscape& escape) {
    return element("strong", "", html(escape_step(analysis, escape.step))) + " " +
           element("span", "badge", html(plural(escape.count, "time")));
  });
  out += findings("Turning points", analysis.turning_points, [&](const AnalysisTurn& turn) {
    std::string text = analysis_word(turn.kind);
    if (turn.before && turn.after)
      text += fmt::format(", from {:.2f} to {:.2f}", *turn.before, *turn.after);
    return html(text) + quoted(report, turn.quote) + remark(turn.comment);
  });
  out += findings("Strongest evasions", analysis.evasions, [&](const AnalysisEvasion& evasion) {
    return (evasion.question ? quoted(report, *evasion.question) : std::string()) +
           quoted(report, evasion.answer) + remark(evasion.comment);
  });
  out +=
      findings("Contradictions", analysis.contradictions, [&](const AnalysisContradiction& pair) {
        return quoted(report, pair.earlier) + quoted(report, pair.later) + remark(pair.comment);
      });
  return out + "</div>\n</section>\n";
}

}  // namespace scena::shell
