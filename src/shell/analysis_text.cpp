#include "shell/analysis_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "shell/spoken.hpp"
#include "shell/wrap.hpp"

namespace scena::shell {
namespace {

// Prints lines below headings, wrapped and harmless.
class AnalysisPrinter {
 public:
  AnalysisPrinter(Console& console, const SessionInfo& info) : console_(console), info_(info) {}

  void heading(std::string_view text) {
    console_.line("");
    console_.line(console_.styled("1", printable(text)));
  }
  void paragraph(std::string_view text, std::size_t indent = 2) {
    Wrap wrap(console_.width(), indent);
    std::string out = wrap.add(printable(text));
    out += wrap.finish();
    console_.line(out);
  }
  void quote(const AnalysisQuote& quote) {
    paragraph(
        fmt::format("{} ({}): \"{}\"", name_of(info_, quote.speaker), quote.message, quote.text));
  }
  void comment(const std::string& text) {
    if (!text.empty()) paragraph(text);
  }

  void speakers(const Analysis& analysis) {
    heading("Who spoke");
    for (const AnalysisSpeaker& speaker : analysis.speakers) {
      if (speaker.messages == 0) continue;
      std::string text = fmt::format("{}: {:.0f} % of the words, {}, {} asked", speaker.name,
                                     speaker.talk_share * 100, plural(speaker.messages, "message"),
                                     plural(speaker.questions, "question"));
      const auto mean = [&](const char* name, const std::optional<double>& value) {
        if (value) text += fmt::format(", {} {:.2f}", name, *value);
      };
      mean("sentiment", speaker.sentiment);
      mean("engagement", speaker.engagement);
      mean("evasiveness", speaker.evasiveness);
      for (const AnalysisDetection& detection : speaker.detections)
        text += fmt::format(", {} {}", detection.what, detection.label);
      paragraph(text);
    }
  }

  void criteria(const Analysis& analysis) {
    if (analysis.criteria.empty()) return;
    heading(analysis.overall ? fmt::format("Criteria: {:.0f} of 100", *analysis.overall * 100)
                             : std::string("Criteria"));
    for (const AnalysisCriterion& criterion : analysis.criteria) {
      paragraph(fmt::format("{}: {}. {}", criterion.title,
                            criterion.score ? fmt::format("{} of 10", *criterion.score)
                                            : std::string("not to be judged"),
                            criterion.comment));
      for (const AnalysisQuote& item : criterion.quotes) quote(item);
    }
  }

  void questions(const Analysis& analysis) {
    if (analysis.questions.empty()) return;
    heading("Questions");
    for (const AnalysisQuestion& question : analysis.questions)
      paragraph(fmt::format("{:<10} {}", analysis_word(question.status), question.text));
  }

  void escapes(const Analysis& analysis) {
    if (analysis.escapes.empty()) return;
    heading("Skipped");
    for (const AnalysisEscape& escape : analysis.escapes)
      paragraph(fmt::format("{:<10} {}", plural(escape.count, "time"),
                            escape_step(analysis, escape.step)));
  }

  void judge(const Analysis& analysis) {
    if (!analysis.judge) return;
    heading("Second opinions");
    paragraph(judge_counts(*analysis.judge));
    for (const MetricAgreement& agreement : analysis.judge->agreement)
      paragraph(fmt::format("{:<14} {}", agreement.metric, agreement_text(agreement)));
  }

  void turning_points(const Analysis& analysis) {
    if (analysis.turning_points.empty()) return;
    heading("Turning points");
    for (const AnalysisTurn& turn : analysis.turning_points) {
      std::string text = analysis_word(turn.kind);
      if (turn.before && turn.after)
        text += fmt::format(", from {:.2f} to {:.2f}", *turn.before, *turn.after);
      paragraph(text + ":");
      quote(turn.quote);
      comment(turn.comment);
    }
  }

  void evasions(const Analysis& analysis) {
    if (analysis.evasions.empty()) return;
    heading("Strongest evasions");
    for (const AnalysisEvasion& evasion : analysis.evasions) {
      if (evasion.question) quote(*evasion.question);
      quote(evasion.answer);
      comment(evasion.comment);
    }
  }

  void contradictions(const Analysis& analysis) {
    if (analysis.contradictions.empty()) return;
    heading("Contradictions");
    for (const AnalysisContradiction& pair : analysis.contradictions) {
      quote(pair.earlier);
      quote(pair.later);
      comment(pair.comment);
    }
  }

 private:
  Console& console_;
  const SessionInfo& info_;
};

}  // namespace

std::string analysis_word(std::string_view word) {
  std::string text(word);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string judge_counts(const AnalysisJudge& judge) {
  return fmt::format(
      "A model was asked about {} with unsure scores: {} judged, {} without an opinion.",
      plural(judge.asked, "message"), judge.judged, judge.failed);
}

std::string agreement_text(const MetricAgreement& agreement) {
  std::string text = fmt::format("{}, {:.2f} apart on average",
                                 plural(agreement.messages, "message"), agreement.difference);
  if (agreement.correlation) text += fmt::format(", correlation {:.2f}", *agreement.correlation);
  if (agreement.same_label)
    text += fmt::format(", same label {:.0f} %", *agreement.same_label * 100);
  if (agreement.kappa) text += fmt::format(", kappa {:.2f}", *agreement.kappa);
  return text;
}

std::string escape_step(const Analysis& analysis, const std::string& step) {
  for (const AnalysisQuestion& question : analysis.questions) {
    if (!question.id.empty() && question.id == step) return question.text;
  }
  return step;
}

std::string analysis_source(const Analysis& analysis) {
  if (analysis.source != "model") {
    if (analysis.fallback.empty()) return "measured, without a model";
    return "measured, because the model could not be used: " + analysis.fallback;
  }
  return "by " + analysis.provider + (analysis.model.empty() ? "" : ", " + analysis.model);
}

void show_analysis(Console& console, const SessionInfo& info, const Analysis& analysis) {
  AnalysisPrinter print(console, info);
  print.heading("Analysis");
  print.paragraph(analysis.summary);
  print.paragraph("(" + analysis_source(analysis) + ")");
  print.criteria(analysis);
  print.speakers(analysis);
  print.questions(analysis);
  print.judge(analysis);
  print.escapes(analysis);
  print.turning_points(analysis);
  print.evasions(analysis);
  print.contradictions(analysis);
}

}  // namespace scena::shell
