#include "domain/analysis/analysis_dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "domain/prompt.hpp"

namespace scena {
namespace {

constexpr std::size_t kAnswerBytes = 64u << 10;  // of a wrong answer that is shown again

constexpr const char* kCarriedTitle =
    "Words from earlier parts of the transcript. What a speaker says below may contradict them; "
    "you "
    "may quote them as they stand here:\n";

// An eighth of the room, taken from each part of a transcript that has several.
std::int64_t carried_tokens(std::int64_t room) noexcept {
  return std::max<std::int64_t>(room, 0) / 8;
}

std::string correction_text(const std::vector<std::string>& problems) {
  std::string text = "This answer cannot be used as it stands:\n";
  for (const auto& problem : problems) text += "- " + problem + "\n";
  return text +
         "Give the whole JSON object again. Copy quotes exactly from the message that you name, or "
         "leave the finding out.\n";
}

}  // namespace

Result<AnalysisDialogue> AnalysisDialogue::make(std::shared_ptr<const Preset> preset,
                                                const SessionInfo& info,
                                                std::span<const Message* const> line,
                                                const Limits& limits,
                                                std::vector<AnalysisContradiction> measured) {
  std::string schema_text = analysis_schema(*preset);
  auto schema = JsonSchema::parse(schema_text);
  if (!schema) return schema.error();
  std::string system = analysis_instructions(*preset, info);
  const std::int64_t around = estimate_tokens(system) + estimate_tokens(schema_text);
  const std::int64_t room = limits.prompt_tokens - around;
  auto parts = transcript_parts(line, info, room);
  if (parts && parts->size() > 1) parts = transcript_parts(line, info, room - carried_tokens(room));
  if (!parts) return parts.error();
  AnalysisDialogue dialogue(std::move(preset), std::move(*schema), QuoteSource(line), limits);
  dialogue.schema_text_ = std::move(schema_text);
  dialogue.system_ = std::move(system);
  dialogue.info_ = info;
  dialogue.carried_tokens_ = carried_tokens(room);
  dialogue.parts_ = std::move(*parts);
  dialogue.measured_ = std::move(measured);
  return dialogue;
}

void AnalysisDialogue::compose(ReplyRequest& request) const {
  request.system = system_;
  request.json_schema = schema_text_;
  request.messages.clear();
  std::string before;
  if (part_ > 0) before = carried_words(carried(), info_, carried_tokens_);
  if (!before.empty()) before = kCarriedTitle + before + "\n";
  std::string transcript = parts_.size() == 1 ? std::string("The transcript:\n")
                                              : fmt::format("Part {} of {} of the transcript:\n",
                                                            part_ + 1, parts_.size());
  request.messages.push_back(
      {.role = PromptRole::user, .text = before + transcript + parts_[part_].text});
  if (round_ == 1) return;
  request.messages.push_back({.role = PromptRole::assistant, .text = last_answer_});
  request.messages.push_back({.role = PromptRole::user, .text = correction_text(problems_)});
}

Result<void> AnalysisDialogue::take(std::string_view answer) {
  AnalysisAnswer read = read_analysis_answer(answer, schema_, *preset_, source_);
  if (read.findings && (!best_ || read.findings->rejected < best_->rejected))
    best_ = std::move(read.findings);
  if (best_ && (read.problems.empty() || round_ >= limits_.rounds)) {
    next_part();
    return {};
  }
  if (round_ >= limits_.rounds) {
    return Error(ErrorCode::protocol,
                 fmt::format("the model's analysis cannot be used after {} answers: {}", round_,
                             read.problems.front()));
  }
  ++round_;
  last_answer_ = utf8_repair(utf8_truncate(answer, kAnswerBytes));
  if (last_answer_.empty()) last_answer_ = "{}";  // services refuse a message without text
  problems_ = std::move(read.problems);
  return {};
}

// What the metrics hold against this part first, then what was worth a quote before, the latest
// part's first.
std::vector<AnalysisQuote> AnalysisDialogue::carried() const {
  const auto here = [this](const AnalysisQuote& quote) {
    return parts_[part_].messages.contains(quote.message);
  };
  std::vector<AnalysisQuote> quotes;
  const auto add = [&](const AnalysisQuote& quote) {
    if (!here(quote) && std::find(quotes.begin(), quotes.end(), quote) == quotes.end())
      quotes.push_back(quote);
  };
  for (const AnalysisContradiction& pair : measured_) {
    if (here(pair.later)) add(pair.earlier);
  }
  for (auto part = found_.rbegin(); part != found_.rend(); ++part) {
    for (const AnalysisContradiction& pair : part->contradictions) add(pair.later);
    for (const AnalysisEvasion& evasion : part->evasions) add(evasion.answer);
    for (const AnalysisTurn& turn : part->turning_points) add(turn.quote);
    for (const AnalysisCriterion& criterion : part->criteria) {
      for (const AnalysisQuote& quote : criterion.quotes) add(quote);
    }
  }
  return quotes;
}

void AnalysisDialogue::next_part() {
  found_.push_back(std::move(*best_));
  best_.reset();
  ++part_;
  round_ = 1;
  problems_.clear();
  last_answer_.clear();
}

ModelFindings AnalysisDialogue::result() const {
  std::vector<std::size_t> weights;
  for (const TranscriptPart& part : parts_) weights.push_back(part.bytes);
  return merge_findings(found_, weights, source_);
}

}  // namespace scena
