#pragma once

#include <memory>
#include <scena/ext/provider.hpp>
#include <string>
#include <vector>

#include "domain/analysis/analysis_answer.hpp"
#include "domain/analysis/analysis_prompt.hpp"

namespace scena {

/// The way from a transcript to what a model finds in it: part by part, and for each part again
/// with the list of what was wrong, so many times. Plain: its owner asks the model.
class AnalysisDialogue {
 public:
  struct Limits {
    std::int64_t prompt_tokens = 12'000;  ///< Estimated, of one request's first round.
    int rounds = 3;                       ///< Answers to one part, at least 1.
  };

  /// `preset` is rendered, and kept. `measured`: contradictions that the metrics found. With the
  /// quotes of earlier parts, theirs go before each later part, so that a contradiction across two
  /// parts can be found. @return too_large for a transcript of too many parts.
  static Result<AnalysisDialogue> make(std::shared_ptr<const Preset> preset,
                                       const SessionInfo& info,
                                       std::span<const Message* const> line, const Limits& limits,
                                       std::vector<AnalysisContradiction> measured = {});

  bool done() const noexcept { return part_ == parts_.size(); }
  std::size_t parts() const noexcept { return parts_.size(); }

  /// Sets system prompt, messages and schema of the next request; not when done().
  void compose(ReplyRequest& request) const;
  /// Takes the answer to it. @return protocol when the last round gave nothing that can be used;
  /// the text names what was wrong, and holds no text of the session.
  Result<void> take(std::string_view answer);
  /// Everything that was found, once done().
  ModelFindings result() const;

 private:
  AnalysisDialogue(std::shared_ptr<const Preset> preset, JsonSchema schema, QuoteSource source,
                   const Limits& limits)
      : preset_(std::move(preset)),
        schema_(std::move(schema)),
        source_(std::move(source)),
        limits_(limits) {}

  void next_part();
  std::vector<AnalysisQuote> carried() const;

  std::shared_ptr<const Preset> preset_;
  JsonSchema schema_;
  QuoteSource source_;
  Limits limits_;
  std::string schema_text_;
  std::string system_;
  std::int64_t carried_tokens_ = 0;
  SessionInfo info_;
  std::vector<TranscriptPart> parts_;
  std::vector<AnalysisContradiction> measured_;
  std::vector<ModelFindings> found_;  // of the parts that are done

  // Of the part that is asked about.
  std::size_t part_ = 0;
  int round_ = 1;
  std::string last_answer_;
  std::vector<std::string> problems_;
  std::optional<ModelFindings> best_;
};

}  // namespace scena
