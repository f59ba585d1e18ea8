#include <algorithm>

#include "metrics/analysis/asked.hpp"
#include "metrics/analysis/said.hpp"

namespace scena::metrics {
namespace {

constexpr std::size_t kMostAsked = 50;
constexpr double kClear = 1.0 / 3;  // as the labels of evasiveness are cut
constexpr double kNonReply = 2.0 / 3;

// The next message of somebody else: what was said to the question. Null when nothing was.
const SaidMessage* answer_to(const std::vector<SaidMessage>& line, std::size_t place) {
  for (std::size_t i = place + 1; i < line.size(); ++i) {
    if (line[i].message->speaker != line[place].message->speaker) return &line[i];
  }
  return nullptr;
}

// Takes what came of asking it here, unless an earlier asking led further.
void take_asking(AnalysisQuestion& question, const std::vector<SaidMessage>& line,
                 std::size_t place) {
  const SaidMessage& asking = line[place];
  const SaidMessage* answer = answer_to(line, place);
  const MetricScore* evasion = answer ? answer->score("evasiveness") : nullptr;
  const double coverage = evasion ? std::clamp(1 - evasion->value, 0.0, 1.0) : answer ? 0.5 : 0;
  const bool first = !question.asked;
  if (!first && coverage <= question.coverage) return;
  question.asked = quote_of(asking, asking.asks ? asking.question : std::string_view(asking.text));
  question.answer.reset();
  question.coverage = coverage;
  if (!answer) {
    question.status = "unanswered";
    return;
  }
  question.answer = quote_of(*answer, answer->text);
  question.status = !evasion                      ? "asked"
                    : evasion->value >= kNonReply ? "evaded"
                    : evasion->value >= kClear    ? "partly"
                                                  : "answered";
}

void add_planned(const PlannedQuestion& planned, const std::vector<SaidMessage>& line,
                 const Knowledge& knowledge, Analysis& analysis) {
  AnalysisQuestion question;
  question.id = planned.id;
  question.text = planned.text;
  question.status = "not_asked";
  const PlannedWords wanted(planned.text, knowledge);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool by_right = planned.asked_by.empty() || line[i].message->speaker == planned.asked_by;
    if (by_right && is_asked(wanted, line[i])) take_asking(question, line, i);
  }
  analysis.questions.push_back(std::move(question));
}

}  // namespace

void add_questions(const AnalysisSource& source, const std::vector<SaidMessage>& line,
                   const Knowledge& knowledge, Analysis& analysis) {
  for (const PlannedQuestion& planned : source.preset.questions)
    add_planned(planned, line, knowledge, analysis);
  if (source.preset.questions.empty()) {
    for (std::size_t i = 0; i < line.size() && analysis.questions.size() < kMostAsked; ++i) {
      if (!line[i].asks) continue;
      AnalysisQuestion question;
      question.text = quote_of(line[i], line[i].question).text;
      take_asking(question, line, i);
      analysis.questions.push_back(std::move(question));
    }
  }
  if (analysis.questions.empty()) return;
  double sum = 0;
  for (const AnalysisQuestion& question : analysis.questions) sum += question.coverage;
  analysis.coverage = sum / static_cast<double>(analysis.questions.size());
}

}  // namespace scena::metrics
