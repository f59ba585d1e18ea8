#pragma once

#include <cstdint>
#include <optional>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// Words of a message that back a finding: a piece of that message's text, byte for byte.
struct AnalysisQuote {
  std::string message;  ///< Id of the message.
  std::string speaker;  ///< Participant id.
  std::string text;     ///< At most 400 bytes.
  bool operator==(const AnalysisQuote&) const = default;
};

/// What was found out about a speaker over the whole session.
struct AnalysisDetection {
  std::string what;                   ///< "industry" or "sophistication".
  std::string label;                  ///< As the metric of that name gives it.
  double confidence = 0;              ///< 0..1.
  std::vector<std::string> messages;  ///< Ids of messages that show it, at most 5.
  bool operator==(const AnalysisDetection&) const = default;
};

/// One participant in figures. A mean is absent where no message of it has that metric.
struct AnalysisSpeaker {
  std::string id;                             ///< Participant id.
  std::string name;                           ///< As others call it.
  std::uint32_t messages = 0;                 ///< On the chosen line.
  std::uint64_t words = 0;                    ///< In them.
  double talk_share = 0;                      ///< Of all words, 0..1.
  std::uint32_t questions = 0;                ///< Its messages that ask something.
  std::optional<double> sentiment;            ///< Mean, -1..1.
  std::optional<double> engagement;           ///< Mean, 0..1.
  std::optional<double> evasiveness;          ///< Mean, 0..1.
  std::vector<AnalysisDetection> detections;  ///< Industry and sophistication, where known.
  bool operator==(const AnalysisSpeaker&) const = default;
};

/// A place of the sentiment curve: one message, or in a long session several that follow each
/// other.
struct AnalysisPoint {
  std::string message;  ///< The last one it stands for.
  std::string speaker;  ///< Who wrote that.
  double value = 0;     ///< Sentiment, -1..1; the mean where it stands for several.
  bool operator==(const AnalysisPoint&) const = default;
};

/// A message from which on things went another way.
struct AnalysisTurn {
  /// "sentiment_rises", "sentiment_falls", "evasiveness_rises", "evasiveness_falls"; of a model:
  /// "other".
  std::string kind;
  AnalysisQuote quote;           ///< Where it shows.
  std::optional<double> before;  ///< Mean of that speaker's three messages before; measured ones.
  std::optional<double> after;   ///< Mean from this message on, of three.
  std::string comment;           ///< Of a model; else empty.
  bool operator==(const AnalysisTurn&) const = default;
};

/// An answer that keeps away from its question.
struct AnalysisEvasion {
  std::optional<AnalysisQuote> question;  ///< What was asked, where a message before asks it.
  AnalysisQuote answer;                   ///< What was said instead.
  std::optional<double> value;            ///< Measured evasiveness, 0..1.
  std::string reason;                     ///< A fixed word of the metric, e.g. "deferral".
  std::string comment;                    ///< Of a model; else empty.
  bool operator==(const AnalysisEvasion&) const = default;
};

/// Two statements of one speaker that do not go together.
struct AnalysisContradiction {
  AnalysisQuote earlier;        ///< What was said first.
  AnalysisQuote later;          ///< What does not fit it.
  std::optional<double> value;  ///< Measured, 0..1.
  std::string reason;           ///< A fixed word of the metric, e.g. "number_differs".
  std::string comment;          ///< Of a model; else empty.
  bool operator==(const AnalysisContradiction&) const = default;
};

/// What became of a question.
struct AnalysisQuestion {
  std::string id;       ///< Of the preset's question; empty for one that was not planned.
  std::string text;     ///< The question.
  std::string status;   ///< "not_asked", "unanswered", "evaded", "partly", "answered"; "asked"
                        ///< where nothing could be measured of the answer.
  double coverage = 0;  ///< 0 to 1: how far it was asked and answered.
  std::optional<AnalysisQuote> asked;   ///< Where it was asked.
  std::optional<AnalysisQuote> answer;  ///< The best answer.
  bool operator==(const AnalysisQuestion&) const = default;
};

/// How often people skipped something at one step.
struct AnalysisEscape {
  std::string step;         ///< Id of the planned question, a state, or the host's name for it.
  std::uint32_t count = 0;  ///< Times.
  bool operator==(const AnalysisEscape&) const = default;
};

/// A criterion of the preset's rubric as a model judged it.
struct AnalysisCriterion {
  std::string id;                     ///< Of the criterion.
  std::string title;                  ///< Of the criterion.
  std::uint32_t weight = 1;           ///< Of the criterion.
  std::optional<int> score;           ///< 0 (poor) to 10 (good); absent: nothing to judge it by.
  std::string comment;                ///< Why.
  std::vector<AnalysisQuote> quotes;  ///< What backs it.
  bool operator==(const AnalysisCriterion&) const = default;
};

/// How far a model's opinions agree with the measured scores of one metric.
struct MetricAgreement {
  std::string metric;                 ///< E.g. "evasiveness".
  std::uint64_t messages = 0;         ///< That have both.
  double difference = 0;              ///< Mean absolute difference of the values.
  std::optional<double> correlation;  ///< Pearson's; absent below 3 messages and where either side
                                      ///< is the same everywhere.
  std::uint64_t labelled = 0;         ///< Messages with a label on both sides.
  std::optional<double> same_label;   ///< Share of them with the same label.
  std::optional<double> kappa;        ///< Cohen's: that share beyond what chance alone would give;
                                      ///< absent where chance alone would give all of it.
  bool operator==(const MetricAgreement&) const = default;
};

/// What a model judged of a session's unsure scores.
struct AnalysisJudge {
  std::uint32_t asked = 0;   ///< Messages whose scores were unsure and that were to be judged.
  std::uint32_t judged = 0;  ///< Of them those with an opinion.
  std::uint32_t failed = 0;  ///< Of them those that got none: refused, over a budget, unusable.
  std::vector<MetricAgreement> agreement;  ///< By metric, of the chosen line, in order of names.
  bool operator==(const AnalysisJudge&) const = default;
};

/// The analysis that closes a session: figures that are measured, and findings with the words that
/// back them. Without a model everything is measured, and the rubric is not judged.
struct Analysis {
  std::string source;    ///< "offline": measured alone; "model": a model judged and found, too.
  std::string provider;  ///< Of a model.
  std::string model;     ///< As the provider names it.
  std::string fallback;  ///< Why it is offline although a model was to be asked; else empty.
  std::string summary;   ///< A few sentences.
  std::uint64_t last_seq = 0;                ///< Of the session's events that it looks back on.
  std::uint32_t messages = 0;                ///< On the chosen line.
  std::uint64_t words = 0;                   ///< In them.
  std::optional<double> overall;             ///< Weighted mean of the criteria's scores, 0..1.
  std::optional<double> coverage;            ///< Mean of the questions, 0..1.
  std::vector<AnalysisSpeaker> speakers;     ///< In the order of the participants.
  std::vector<AnalysisCriterion> criteria;   ///< As in the rubric; offline none.
  std::vector<AnalysisTurn> turning_points;  ///< In the order of the messages, at most 5.
  std::vector<AnalysisEvasion> evasions;     ///< Offline the strongest first, at most 5.
  std::vector<AnalysisContradiction> contradictions;  ///< Offline the strongest first, at most 10.
  std::vector<AnalysisQuestion> questions;  ///< The preset's; without any those that were asked.
  std::vector<AnalysisEscape> escapes;      ///< By step.
  std::vector<AnalysisPoint> sentiment;     ///< Oldest first, at most 200.
  std::uint32_t rejected_quotes = 0;  ///< Findings of the model that were left out at last, because
                                      ///< their words stand in no message.

  std::optional<AnalysisJudge> judge;  ///< Absent where no score was to be judged.

  /// One line of JSON, members in a fixed order, scores rounded to 4 decimals; the same bytes in
  /// every language. docs/reference/analysis.md names the members.
  std::string to_json() const;
  /// Reads what to_json() wrote; members that it does not know are ignored. invalid_argument for
  /// anything else.
  static Result<Analysis> from_json(std::string_view json);
  bool operator==(const Analysis&) const = default;
};

}  // namespace scena
