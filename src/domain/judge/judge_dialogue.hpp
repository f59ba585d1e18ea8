#pragma once

#include <scena/ext/provider.hpp>
#include <scena/message.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_schema.hpp"
#include "domain/judge/judge_rubric.hpp"
#include "domain/line.hpp"

namespace scena {

/// What a model is shown of a session. Long texts are cut: see kText and kContext.
struct JudgeSubject {
  static constexpr std::size_t kText = 16u << 10;    ///< Bytes of the message that count.
  static constexpr std::size_t kContext = 4u << 10;  ///< Of the question, and of all earlier ones.

  std::string message;               ///< Its id; the model does not see it.
  std::string text;                  ///< What is judged.
  std::string question;              ///< The message of somebody else before it; may be empty.
  std::vector<std::string> earlier;  ///< Of the same speaker, oldest first.
};

/// What to judge of a message on the line; earlier ones are the latest that fit.
JudgeSubject judge_subject(const Line& line, const Message& message);

/// What two judgements that are the same have in common, as SHA-256: who judges, by what words,
/// what metric, and every text that counts for it.
std::string judge_key(std::string_view judge, const JudgedMetric& metric, std::string_view words,
                      const JudgeSubject& subject);

/// The way from a message with unsure scores to a model's opinion on them: one request, and once
/// more with what was wrong. Plain: its owner asks the model.
///
/// What people said is data: it stands in the members of a JSON object, and the model is told so.
class JudgeDialogue {
 public:
  static constexpr int kRounds = 2;

  /// `metrics` are judged ones, at least one.
  JudgeDialogue(JudgeSubject subject, std::vector<const JudgedMetric*> metrics,
                const JudgeRubrics& rubrics);

  /// Sets system prompt, messages and schema of the next request.
  void compose(ReplyRequest& request) const;
  /// Takes the answer to it. @return true when there is nothing more to ask.
  bool take(std::string_view answer);
  /// The opinions that can be used: in range, with a label of the metric and words of the message.
  const std::vector<JudgedScore>& scores() const noexcept { return scores_; }
  /// What was wrong with the rest, in words of the schema alone; empty: nothing.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  void read(std::string_view answer);
  void read_one(const JudgedMetric& metric, const Json& opinion);
  bool has(std::string_view metric) const noexcept;

  JudgeSubject subject_;
  std::vector<const JudgedMetric*> metrics_;
  std::string system_;
  std::string schema_text_;
  JsonSchema schema_;
  std::string last_answer_;
  std::vector<JudgedScore> scores_;
  std::vector<std::string> problems_;
  int round_ = 1;
};

}  // namespace scena
