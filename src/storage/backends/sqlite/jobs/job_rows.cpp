#include "storage/backends/sqlite/jobs/job_rows.hpp"

#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <tuple>

#include "storage/backends/sqlite/rows.hpp"
#include "storage/job_rules.hpp"

namespace scena::sqlite {

Result<std::optional<Job>> find_job(Connection& reader, const std::string& tenant,
                                    const std::string& id) {
  Query query(reader,
              "SELECT tenant, kind, id, state, payload, result, priority, attempts, max_attempts, "
              "run_after, order_key, stream, number, claim, owner, claimed_until, changed "
              "FROM job WHERE tenant = ? AND id = ?");
  if (!query.bind(tenant).bind(id).next()) return std::optional<Job>();
  auto found = read_job(query);
  if (!found) return found.error();
  return std::optional<Job>(std::move(*found));
}

Result<std::vector<Job>> list_jobs(Connection& reader, const JobQuery& wanted) {
  // Two fixed texts: one walks along a state, one along all numbers.
  const char* const in_state =
      "SELECT tenant, kind, id, state, payload, result, priority, attempts, max_attempts, "
      "run_after, order_key, stream, number, claim, owner, claimed_until, changed "
      "FROM job INDEXED BY job_by_state WHERE tenant = ?1 AND state = ?6 AND number > ?4 "
      "AND (?2 = '' OR kind = ?2) AND (?3 = '' OR order_key = ?3) ORDER BY number LIMIT ?5";
  const char* const in_any =
      "SELECT tenant, kind, id, state, payload, result, priority, attempts, max_attempts, "
      "run_after, order_key, stream, number, claim, owner, claimed_until, changed "
      "FROM job NOT INDEXED WHERE tenant = ?1 AND number > ?4 "
      "AND (?2 = '' OR kind = ?2) AND (?3 = '' OR order_key = ?3) ORDER BY number LIMIT ?5";
  std::string state;
  Query query(reader, wanted.state ? in_state : in_any);
  query.bind(wanted.tenant)
      .bind(wanted.kind)
      .bind(wanted.key)
      .bind_count(wanted.after)
      .bind_count(wanted.limit);
  if (wanted.state) query.bind(state = to_string(*wanted.state));
  std::vector<Job> page;
  while (query.next()) {
    auto job = read_job(query);
    if (!job) return job.error();
    page.push_back(std::move(*job));
  }
  return page;
}

Result<std::vector<JobCount>> count_jobs(Connection& reader, const std::string& tenant) {
  Query query(reader,
              "SELECT kind, state, count(*) FROM job WHERE tenant = ? GROUP BY kind, state");
  query.bind(tenant);
  std::vector<JobCount> rows;
  while (query.next()) {
    const auto state = parse_state(query.text(1));
    if (!state) return state.error();
    rows.push_back({query.text(0), *state, static_cast<std::size_t>(query.count(2))});
  }
  std::sort(rows.begin(), rows.end(), [](const JobCount& a, const JobCount& b) {
    return std::tie(a.kind, a.state) < std::tie(b.kind, b.state);
  });
  return rows;
}

std::optional<WallTime> next_job_time(Connection& reader, const std::string& kind, WallTime now) {
  Query query(reader,
              "SELECT run_after FROM job INDEXED BY job_due WHERE kind = ? AND state = 'waiting' "
              "AND run_after > ? ORDER BY run_after LIMIT 1");
  if (!query.bind(kind).bind(to_column(now)).next()) return std::nullopt;
  return to_time(query.number(0));
}

Result<std::optional<Job>> claim_job(Connection& writer, const JobClaim& claim) {
  Query query(
      writer,
      "UPDATE job SET state = 'running', attempts = attempts + 1, claim = claim + 1, owner = ?3, "
      "claimed_until = ?4, changed = ?2, revision = revision + 1 WHERE number = "
      "(SELECT j.number FROM job j INDEXED BY job_waiting WHERE j.kind = ?1 AND j.state = "
      "'waiting' "
      "AND (j.run_after <= ?2 OR j.run_after <= j.changed OR (j.attempts > 0 AND j.changed > ?5)) "
      "AND (j.order_key = '' OR (NOT EXISTS (SELECT 1 FROM job o INDEXED BY "
      "job_open WHERE o.tenant = j.tenant AND o.kind = j.kind AND o.order_key = j.order_key AND "
      "o.number < j.number AND o.state IN ('waiting', 'running')) AND NOT EXISTS (SELECT 1 FROM "
      "job r INDEXED BY job_running WHERE r.tenant = j.tenant AND r.kind = j.kind AND r.order_key "
      "= j.order_key AND r.state = 'running'))) ORDER BY j.priority DESC, j.number LIMIT 1) "
      "RETURNING tenant, kind, id, state, payload, result, priority, attempts, max_attempts, "
      "run_after, order_key, stream, number, claim, owner, claimed_until, changed");
  query.bind(claim.kind)
      .bind(to_column(claim.now))
      .bind(claim.owner)
      .bind(to_column(claim.until))
      .bind(to_column(claim.now + kClockSlack));
  if (!query.next()) return std::optional<Job>();
  auto job = read_job(query);
  query.run();  // to the end: then it is committed
  if (!job) return job.error();
  return std::optional<Job>(std::move(*job));
}

std::size_t reclaim_jobs(Connection& writer, WallTime expired_by, WallTime now,
                         const std::string& reason, std::span<const std::uint64_t> spared) {
  const std::string numbers = fmt::format("[{}]", fmt::join(spared, ","));
  Query(writer,
        "UPDATE job SET revision = revision + 1, changed = ?2, claimed_until = 0, "
        "result = CASE WHEN attempts >= max_attempts THEN ?3 ELSE result END, "
        "state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'waiting' END "
        "WHERE state = 'running' AND claimed_until <= ?1 "
        "AND number NOT IN (SELECT value FROM json_each(?4))")
      .bind(to_column(expired_by))
      .bind(to_column(now))
      .bind(reason)
      .bind(numbers)
      .run();
  return static_cast<std::size_t>(sqlite3_changes(writer.handle()));
}

std::size_t purge_jobs(Connection& writer, WallTime done_before, WallTime dead_before) {
  Query(writer,
        "DELETE FROM job WHERE state NOT IN ('waiting', 'running') AND changed < max(?1, ?2) "
        "AND changed < CASE WHEN state IN ('dead', 'dropped') THEN ?2 ELSE ?1 END")
      .bind(to_column(done_before))
      .bind(to_column(dead_before))
      .run();
  return static_cast<std::size_t>(sqlite3_changes(writer.handle()));
}

}  // namespace scena::sqlite
