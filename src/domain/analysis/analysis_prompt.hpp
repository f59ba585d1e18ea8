#pragma once

#include <cstddef>
#include <cstdint>
#include <scena/analysis.hpp>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <scena/result.hpp>
#include <scena/session.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace scena {

/// The JSON schema of a model's analysis, from the preset's rubric: only words that every service's
/// structured output knows; bounds are the reader's business.
std::string analysis_schema(const Preset& preset);

/// What the model is told before the transcript: the scenario, the criteria, what a quote is.
std::string analysis_instructions(const Preset& preset, const SessionInfo& info);

/// A piece of the transcript that fits one request: one JSON object a line, so that no text can
/// pass for another message.
struct TranscriptPart {
  std::string text;
  std::size_t bytes = 0;  ///< Of messages in it: its weight when parts are put together.
  std::set<std::string, std::less<>> messages;  ///< Ids of those that stand in it, whole or not.
};

/// What was said in earlier parts, as it goes before a later one: lines like the transcript's, of
/// the words of each quote, in their order, without those that would pass `tokens` by estimate.
/// Empty where there are none.
std::string carried_words(std::span<const AnalysisQuote> quotes, const SessionInfo& info,
                          std::int64_t tokens);

/// Cuts the transcript between messages, and within one that is larger than a part, so that each
/// part has at most `tokens` by estimate. @return too_large for more than 64 parts.
Result<std::vector<TranscriptPart>> transcript_parts(std::span<const Message* const> line,
                                                     const SessionInfo& info, std::int64_t tokens);

}  // namespace scena
