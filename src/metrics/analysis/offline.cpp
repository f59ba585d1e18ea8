#include "metrics/analysis/offline.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/analysis/analysis_json.hpp"

namespace scena::metrics {
namespace {

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

int percent(double share) {
  return static_cast<int>(share * 100 + 0.5);
}

std::string told_shares(const Analysis& analysis) {
  std::string text;
  for (const AnalysisSpeaker& speaker : analysis.speakers) {
    if (speaker.messages == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {} % of the words", speaker.name, percent(speaker.talk_share));
  }
  return text.empty() ? text : " Who spoke: " + text + ".";
}

std::string told_questions(const Analysis& analysis) {
  if (analysis.questions.empty()) return {};
  const auto with = [&](std::string_view status) {
    return std::count_if(
        analysis.questions.begin(), analysis.questions.end(),
        [&](const AnalysisQuestion& question) { return question.status == status; });
  };
  const bool planned = !analysis.questions.front().id.empty();
  const auto all = static_cast<std::ptrdiff_t>(analysis.questions.size());
  std::string text =
      planned
          ? fmt::format(" Of {}, {} asked",
                        counted(analysis.questions.size(), "planned question", "planned questions"),
                        all - with("not_asked"))
          : fmt::format(" Of {}", counted(analysis.questions.size(), "question", "questions"));
  return text + fmt::format(", {} answered, {} in part, {} evaded.", with("answered"),
                            with("partly"), with("evaded"));
}

// Told in figures, so that it says nothing that was not measured.
std::string told_in_figures(const AnalysisSource& source, const Analysis& analysis) {
  std::string text = fmt::format("{} in {}", counted(analysis.messages, "message", "messages"),
                                 counted(source.info.turns, "turn", "turns"));
  if (!source.info.end_reason.empty())
    text += fmt::format("; ended by: {}", source.info.end_reason);
  text += "." + told_shares(analysis) + told_questions(analysis);
  if (!analysis.evasions.empty())
    text += fmt::format(" The strongest evasion stands in {}.",
                        analysis.evasions.front().answer.message);
  for (const AnalysisContradiction& pair : analysis.contradictions) {
    text += fmt::format(" {} contradicts {}.", pair.later.message, pair.earlier.message);
    if (&pair - analysis.contradictions.data() == 2) break;  // the list has the others
  }
  return text;
}

}  // namespace

OfflineAnalysis::OfflineAnalysis() : knowledge_(Knowledge::builtin()) {}

Analysis OfflineAnalysis::make(const AnalysisSource& source) const {
  const std::vector<SaidMessage> line = read_line(source, *knowledge_);
  Analysis analysis;
  analysis.source = "offline";
  analysis.last_seq = source.info.last_seq;
  analysis.messages = static_cast<std::uint32_t>(line.size());
  add_figures(source, line, analysis);
  add_turning_points(line, analysis);
  add_findings(line, analysis);
  add_questions(source, line, *knowledge_, analysis);
  for (const auto& [step, count] : source.info.escapes) analysis.escapes.push_back({step, count});
  analysis.summary = told_in_figures(source, analysis);
  settle_analysis(analysis);
  return analysis;
}

}  // namespace scena::metrics
