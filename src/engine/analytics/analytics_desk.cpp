#include "engine/analytics/analytics_desk.hpp"

#include "base/json_writer.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kJobsKnown = 1'000;
constexpr int kAttempts = 1'000'000;  // rows must go, however often the store was out of order
constexpr int kJobsOfDay = 100;

// The first one of that day that has not begun: rows can come after it when the clock goes back.
std::string job_id(Storage& storage, const std::string& tenant, const std::string& day) {
  std::string id = "analytics/" + day;
  for (int n = 2; n <= kJobsOfDay; ++n) {
    const auto job = storage.job(tenant, id);
    if (!job || !*job || (*job)->state == Job::State::waiting) break;
    id = "analytics/" + day + "/" + std::to_string(n);
  }
  return id;
}

}  // namespace

std::optional<WallTime> AnalyticsDesk::open(Storage& storage, const std::string& tenant,
                                            const SessionFacts& facts, WallTime now,
                                            const JobRunner& jobs, Batch& batch) {
  if (!config_.enabled) return std::nullopt;
  const WallTime until = analytics_until(facts.info.created, config_.retention_days);
  if (now >= until) return std::nullopt;
  batch.records.push_back(analytics_record(tenant, facts, until));
  const std::string day = analytics_day(until);
  {
    std::lock_guard lock(mutex_);
    if (jobs_.contains({tenant, day})) return until;
  }
  std::string payload;
  JsonWriter(payload).begin_object().member("until", day).end_object();
  JobWrite job =
      jobs.make(tenant, std::string(kAnalyticsJob), job_id(storage, tenant, day), payload);
  job.run_after = until;
  job.max_attempts = kAttempts;
  job.max_open = 0;
  batch.jobs.push_back(std::move(job));
  return until;
}

Result<void> AnalyticsDesk::rebuild(Storage& storage, const std::string& tenant,
                                    const SessionFacts& facts, WallTime now, const JobRunner& jobs,
                                    Batch& batch) {
  const auto stored = storage.get({tenant, std::string(kAnalyticsRow), facts.info.id});
  if (!stored) return stored.error();
  if (!*stored) {
    if (facts.removed) return {};
    const auto counted = storage.get({tenant, std::string(kAnalyticsCounted), facts.info.id});
    if (!counted) return counted.error();
    if (!*counted) open(storage, tenant, facts, now, jobs, batch);
    return {};
  }
  const auto row = read_analytics_row(**stored);
  RecordWrite record = analytics_record(
      tenant, facts,
      row ? row->until : analytics_until(facts.info.created, config_.retention_days));
  record.erase = facts.removed;
  // Within a turn the row is as it was before; a session whose time is over is left as it stood.
  const bool settled = !facts.open_turn && config_.enabled && (!row || now < row->until);
  if (record.erase || (settled && (*stored)->json != record.json))
    batch.records.push_back(std::move(record));
  return {};
}

void AnalyticsDesk::opened(const std::string& tenant, WallTime until) {
  std::lock_guard lock(mutex_);
  if (jobs_.size() >= kJobsKnown) jobs_.clear();
  jobs_.emplace(tenant, analytics_day(until));
}

void AnalyticsDesk::counting(const std::string& tenant, const std::string& day) {
  std::lock_guard lock(mutex_);
  jobs_.erase({tenant, day});
}

}  // namespace scena::engine
