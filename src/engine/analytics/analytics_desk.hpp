#pragma once

#include <mutex>
#include <optional>
#include <scena/config.hpp>
#include <set>
#include <string>
#include <utility>

#include "engine/analytics/analytics_rows.hpp"
#include "engine/jobs/job_runner.hpp"

namespace scena::engine {

/// Kind of the jobs that turn rows into counts when their time is over.
inline constexpr std::string_view kAnalyticsJob = "scena.analytics";

/// Decides whether a new session gets a row, and has one job a tenant and day take the rows away.
///
/// Threading: any thread.
class AnalyticsDesk {
 public:
  explicit AnalyticsDesk(const AnalyticsConfig& config) : config_(config) {}

  /// False: no row is written, whatever a session has already.
  bool enabled() const noexcept { return config_.enabled; }
  /// Adds the first row of a session, and the job. Nothing where rows are switched off, or where
  /// its time is over before it begins (an old session that is imported).
  /// @return when the row goes.
  std::optional<WallTime> open(Storage& storage, const std::string& tenant,
                               const SessionFacts& facts, WallTime now, const JobRunner& jobs,
                               Batch& batch);
  /// Adds the row as `facts` give it, where the stored one is another or missing.
  Result<void> rebuild(Storage& storage, const std::string& tenant, const SessionFacts& facts,
                       WallTime now, const JobRunner& jobs, Batch& batch);
  /// Batches with a row of that time were committed: their job need not be asked for again.
  void opened(const std::string& tenant, WallTime until);
  /// The job of that day begins: a row that comes after it, because the clock went back, has
  /// another one.
  void counting(const std::string& tenant, const std::string& day);

 private:
  const AnalyticsConfig config_;
  std::mutex mutex_;
  std::set<std::pair<std::string, std::string>> jobs_;  // tenant and day; a part is enough
};

}  // namespace scena::engine
