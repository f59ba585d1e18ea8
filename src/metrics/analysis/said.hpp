#pragma once

#include <cstdint>
#include <scena/analysis.hpp>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <scena/session.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/knowledge.hpp"

namespace scena::metrics {

/// What a session is analysed from; the references outlive the analysis.
struct AnalysisSource {
  const SessionInfo& info;
  const Preset& preset;                  ///< Its templates evaluated.
  std::span<const Message* const> line;  ///< The chosen line, oldest first.
};

/// A message of the line as the parts of the analysis look at it.
struct SaidMessage {
  const Message* message = nullptr;
  std::string text;
  std::uint64_t words = 0;
  bool asks = false;
  std::string_view question;          ///< Its last sentence that asks; in `text`.
  std::vector<std::uint32_t> topics;  ///< Stems of its topic words, sorted, each once.
  std::string heard;                  ///< As heard_of() has it.

  /// The metric of that name, or null.
  const MetricScore* score(std::string_view metric) const noexcept;
};

/// Reads every message once.
std::vector<SaidMessage> read_line(const AnalysisSource& source, const Knowledge& knowledge);
/// The stems of a text's topic words, sorted, each once.
std::vector<std::uint32_t> topics_of(std::string_view text, const Knowledge& knowledge);

/// What is heard of a text: its words, English letters in lower case, with one blank between two
/// and a "|" before, between and behind its sentences and what commas and colons set apart.
std::string heard_of(std::string_view text);

/// A piece of a message as a quote: cut at a blank where it is longer than a quote may be.
AnalysisQuote quote_of(const SaidMessage& said, std::string_view piece);
/// The sentences that hold bytes [begin, end) of the message; the message's beginning where these
/// are no place in it.
std::string_view sentences_around(std::string_view text, std::size_t begin, std::size_t end);
/// Those bytes, or nothing when they are no whole characters of the text.
std::string_view piece_of(std::string_view text, std::size_t begin, std::size_t end);

// The parts of the analysis; each fills its own members.
void add_figures(const AnalysisSource& source, const std::vector<SaidMessage>& line,
                 Analysis& analysis);
void add_turning_points(const std::vector<SaidMessage>& line, Analysis& analysis);
void add_findings(const std::vector<SaidMessage>& line, Analysis& analysis);
void add_questions(const AnalysisSource& source, const std::vector<SaidMessage>& line,
                   const Knowledge& knowledge, Analysis& analysis);

}  // namespace scena::metrics
