#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/analysis/said.hpp"

namespace scena::metrics {

/// A planned question as it is looked for in messages.
struct PlannedWords {
  PlannedWords(std::string_view text, const Knowledge& knowledge);

  std::vector<std::uint32_t> topics;  ///< As topics_of() has them.
  std::string heard;                  ///< As heard_of() has it.
};

/// True when a message asks it: in its very words, whatever the language, or on its topics.
bool is_asked(const PlannedWords& planned, const SaidMessage& said);

/// Which of the planned questions were asked so far. Reads every message once, when it is made.
///
/// Immutable; the source's references outlive it.
class AskedQuestions {
 public:
  AskedQuestions(const AnalysisSource& source, std::shared_ptr<const Knowledge> knowledge);

  /// The planned question that was asked last, by its place in the preset.
  std::optional<std::size_t> last() const noexcept { return last_; }
  /// The first one that nobody asked.
  std::optional<std::size_t> next() const noexcept;
  /// True for the planned question at that place.
  bool is_asked_already(std::size_t place) const noexcept { return asked_[place]; }
  /// True for a question that a message asked already, in the same words or on the same topics.
  bool repeats(std::string_view question) const;

 private:
  std::shared_ptr<const Knowledge> knowledge_;
  std::vector<SaidMessage> line_;
  std::vector<bool> asked_;
  std::optional<std::size_t> last_;
};

}  // namespace scena::metrics
