#pragma once

#include <functional>
#include <vector>

#include "engine/analytics/analytics_rows.hpp"

namespace scena::engine {

/// Reads the rows and counts that a question is about. A job may move rows into the counts between
/// one reading and the other: moved() tells, and both are read again.
///
/// Not thread-safe. Every function throws Error.
class AnalyticsReader {
 public:
  /// `engine` outlives it. invalid_argument for a day that is none; permission_denied unless it is
  /// the host.
  AnalyticsReader(const Engine& engine, const AnalyticsQuery& query);

  /// Days whose rows are gone.
  const std::vector<AnalyticsCounts>& counts() const noexcept { return counts_; }
  void visit_rows(const std::function<void(const AnalyticsFacts&)>& see) const;
  /// True when the counts are others than before, at most three times: then counts() has them.
  bool moved();

 private:
  std::vector<AnalyticsCounts> read() const;

  const Engine& engine_;
  const AnalyticsQuery query_;
  std::vector<AnalyticsCounts> counts_;
  int tries_left_ = 3;
};

}  // namespace scena::engine
