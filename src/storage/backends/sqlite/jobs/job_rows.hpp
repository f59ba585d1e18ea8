#pragma once

#include <scena/ext/storage.hpp>

#include "storage/backends/sqlite/connection.hpp"

// Jobs as rows: what reads them, and what changes one beside the batches. Everything here throws
// SQLite::Exception, as Connection does.

namespace scena::sqlite {

Result<std::optional<Job>> find_job(Connection& reader, const std::string& tenant,
                                    const std::string& id);
Result<std::vector<Job>> list_jobs(Connection& reader, const JobQuery& query);
Result<std::vector<JobCount>> count_jobs(Connection& reader, const std::string& tenant);
std::optional<WallTime> next_job_time(Connection& reader, const std::string& kind, WallTime now);

/// Each of these is a transaction of its own.
Result<std::optional<Job>> claim_job(Connection& writer, const JobClaim& claim);
std::size_t reclaim_jobs(Connection& writer, WallTime expired_by, WallTime now,
                         const std::string& reason, std::span<const std::uint64_t> spared);
std::size_t purge_jobs(Connection& writer, WallTime done_before, WallTime dead_before);

}  // namespace scena::sqlite
