#pragma once

#include <scena/analysis.hpp>
#include <scena/message.hpp>
#include <scena/preset.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json_schema.hpp"

namespace scena {

/// What quotes are checked against: the messages of a transcript by their ids.
class QuoteSource {
 public:
  explicit QuoteSource(std::span<const Message* const> line);

  /// The quote as it stands in its message; nothing when there is no such message, or not those
  /// words in it.
  std::optional<AnalysisQuote> find(const std::string& message, std::string_view words) const;
  /// Of quotes that find() gave: whether it tells a place in its message, and whether two of them
  /// are words of one place.
  bool is_telling(const AnalysisQuote& quote) const;
  bool overlap(const AnalysisQuote& a, const AnalysisQuote& b) const;
  bool has(const std::string& message) const { return said_.contains(message); }
  /// Where the message stands in the transcript, from 0.
  std::size_t place(const std::string& message) const { return said_.at(message).place; }

 private:
  struct Said {
    std::size_t place;
    std::string speaker;
    std::string text;
  };
  std::unordered_map<std::string, Said> said_;
};

/// What a model judged and found.
struct ModelFindings {
  std::string summary;
  std::vector<AnalysisCriterion> criteria;  ///< One for each of the rubric, in its order.
  std::vector<AnalysisTurn> turning_points;
  std::vector<AnalysisEvasion> evasions;
  std::vector<AnalysisContradiction> contradictions;
  std::uint32_t rejected = 0;  ///< Findings that are left out because their words do not exist.
};

/// A model's answer as far as it can be used.
struct AnalysisAnswer {
  std::optional<ModelFindings> findings;  ///< Absent: no JSON, or not as the schema has it.
  std::vector<std::string> problems;      ///< For the model, so that it answers again; at most 20.
};

/// Reads an answer: JSON (also in a fence of Markdown or between words), by the schema, every quote
/// in the message that it names.
AnalysisAnswer read_analysis_answer(std::string_view text, const JsonSchema& schema,
                                    const Preset& preset, const QuoteSource& source);

/// Puts the findings of several parts together. A score is the mean of the parts that gave one,
/// each with its weight; of long lists each part's first findings stay, then their second ones, so
/// that no part is cut before another. Findings come in the order of the messages; summary and
/// comments that are too long together have an equal share of each part.
ModelFindings merge_findings(std::vector<ModelFindings> parts, std::span<const std::size_t> weights,
                             const QuoteSource& source);

}  // namespace scena
