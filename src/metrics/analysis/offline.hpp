#pragma once

#include <memory>

#include "metrics/analysis/asked.hpp"

namespace scena::metrics {

/// The analysis of a session from its messages and the metrics that stand with them: no model, no
/// clock, no randomness. The same line gives the same bytes on every machine, in time linear in the
/// text (and in messages times planned questions).
///
/// Threading: immutable; any thread. Making one builds the word tables (about a millisecond).
class OfflineAnalysis {
 public:
  OfflineAnalysis();

  Analysis make(const AnalysisSource& source) const;
  /// Which planned questions were asked so far.
  AskedQuestions asked(const AnalysisSource& source) const { return {source, knowledge_}; }

 private:
  std::shared_ptr<const Knowledge> knowledge_;
};

}  // namespace scena::metrics
