#include <sqlite3.h>

#include "storage/backends/sqlite/jobs/job_rows.hpp"
#include "storage/backends/sqlite/rows.hpp"
#include "storage/backends/sqlite/writer.hpp"
#include "storage/batch_check.hpp"
#include "storage/job_rules.hpp"

// What a batch does to jobs.

namespace scena::sqlite {
namespace {

bool has_id(Connection& connection, const JobWrite& write) {
  Query query(connection, "SELECT 1 FROM job WHERE tenant = ? AND id = ?");
  return query.bind(write.tenant).bind(write.id).next();
}

bool has_open_job(Connection& connection, const JobWrite& write) {
  Query query(connection,
              "SELECT 1 FROM job INDEXED BY job_open WHERE tenant = ? AND kind = ? AND order_key = "
              "? AND state IN ('waiting', 'running') LIMIT 1");
  return query.bind(write.tenant).bind(write.kind).bind(write.key).next();
}

std::uint64_t count_open(Connection& connection, const JobWrite& write) {
  Query query(connection,
              "SELECT count(*) FROM (SELECT 1 FROM job INDEXED BY job_open WHERE tenant = ? AND "
              "kind = ? AND state IN ('waiting', 'running') LIMIT ?)");
  query.bind(write.tenant).bind(write.kind).bind_count(write.max_open);
  return query.next() ? query.count(0) : 0;
}

/// Writes what may differ of a job; returns its new revision.
std::int64_t store(Connection& connection, const Job& job) {
  const std::string state = to_string(job.state);
  Query query(connection,
              "UPDATE job SET state = ?, result = ?, attempts = ?, run_after = ?, claimed_until = "
              "?, changed = ?, revision = revision + 1 WHERE number = ? RETURNING revision");
  query.bind(state)
      .bind(job.result)
      .bind(std::int64_t{job.attempts})
      .bind(to_column(job.run_after))
      .bind(to_column(job.claimed_until))
      .bind(to_column(job.changed))
      .bind_count(job.number);
  const std::int64_t revision = query.next() ? query.number(0) : 0;
  query.run();
  return revision;
}

}  // namespace

Result<void> Writer::apply(const JobWrite& write) {
  if (write.op == JobWrite::Op::enqueue) return enqueue(write);
  if (write.op == JobWrite::Op::erase || write.op == JobWrite::Op::erase_stream) {
    Query query(connection_, write.op == JobWrite::Op::erase
                                 ? "DELETE FROM job WHERE tenant = ? AND id = ? RETURNING id"
                                 : "DELETE FROM job WHERE tenant = ? AND stream = ? AND stream <> "
                                   "'' RETURNING id");
    query.bind(write.tenant).bind(write.op == JobWrite::Op::erase ? write.id : write.stream);
    while (query.next()) witness_ = {Witness::Kind::job, write.tenant, {}, query.text(0), 0};
    return {};
  }
  auto found = find_job(connection_, write.tenant, write.id);
  if (!found) return found.error();
  if (!*found) return job_not_found(write);
  Job& job = **found;
  const auto differs = change_job(job, write);
  if (!differs) return differs.error();
  if (!*differs) return {};
  witness_ = {Witness::Kind::job, write.tenant, {}, write.id, store(connection_, job)};
  return {};
}

Result<void> Writer::enqueue(const JobWrite& write) {
  if (has_id(connection_, write)) return write.fresh ? job_id_taken(write) : Result<void>();
  if (write.single && has_open_job(connection_, write)) return {};
  if (write.max_open > 0) {
    if (auto made = make_room(write); !made) return made;
  }
  const Job job = new_job(write);
  Query(connection_,
        "INSERT INTO job(tenant, id, kind, state, payload, result, priority, attempts, "
        "max_attempts, run_after, revision, order_key, stream, changed) VALUES(?, ?, ?, 'waiting', "
        "?, '', ?, 0, ?, ?, 1, ?, ?, ?)")
      .bind(job.tenant)
      .bind(job.id)
      .bind(job.kind)
      .bind(job.payload)
      .bind(std::int64_t{job.priority})
      .bind(std::int64_t{job.max_attempts})
      .bind(to_column(job.run_after))
      .bind(job.key)
      .bind(job.stream)
      .bind(to_column(job.changed))
      .run();
  witness_ = {Witness::Kind::job, write.tenant, {}, write.id, 1};
  return {};
}

Result<void> Writer::make_room(const JobWrite& write) {
  const auto open = count_open(connection_, write);
  if (open < write.max_open) return {};
  if (!write.drop_oldest) return jobs_full(write);
  std::string id;
  {
    Query query(connection_,
                "SELECT id FROM job INDEXED BY job_by_state WHERE tenant = ? AND state = 'waiting' "
                "AND kind = ? ORDER BY number LIMIT 1");
    if (!query.bind(write.tenant).bind(write.kind).next()) return jobs_full(write);
    id = query.text(0);
  }
  auto oldest = find_job(connection_, write.tenant, id);
  if (!oldest) return oldest.error();
  drop_job(**oldest, write.now);
  store(connection_, **oldest);
  return {};
}

}  // namespace scena::sqlite
