#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <scena/config.hpp>
#include <scena/ext/job_handler.hpp>
#include <scena/ext/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "domain/session_model.hpp"
#include "engine/erasure/user_data.hpp"
#include "engine/jobs/job_runner.hpp"

namespace scena::engine {

// Sessions of the class `session`: nothing of one is left so long after its end. A session that
// forks still read is deleted then, and its events go with the last of the forks.

inline constexpr std::string_view kRetentionJob = "scena.retention";
/// Of each such session, with its parent as index field: tells which forks there are.
inline constexpr std::string_view kRetentionRecord = "retention";

/// What a session may ask for: up to 365 days.
bool is_retention_ttl(std::chrono::milliseconds ttl) noexcept;

/// How long a session lives after its end, from its options and the configuration; nullopt: it is
/// kept. permission_denied where somebody else than the host asks for longer than configured.
Result<std::optional<std::chrono::milliseconds>> retention_of(
    const Config& config, std::optional<Retention> retention,
    std::optional<std::chrono::milliseconds> ttl, bool is_host);

/// Puts into a commit what erases the session later: its record with its first event (`is_new`),
/// and a job with the event that ends it. `end` is what was known before.
void add_retention(const std::string& tenant, const SessionFacts& facts, bool is_new,
                   const std::optional<SessionEnd>& end, const JobRunner& jobs, Batch& batch);

/// Of a session whose time is over: it, unless a fork reads it. `seq` is the event that ended it:
/// one that runs again, or ended later, is left as it is.
Result<SessionsToErase> sessions_past(Storage& storage, const std::string& tenant,
                                      const std::string& id, std::uint64_t seq);

/// Adds to sessions that go the parents that waited for them: deleted, their time over, and read by
/// no other fork.
Result<void> add_due_parents(Storage& storage, const std::string& tenant,
                             std::vector<std::string>& ids);

class Core;
std::shared_ptr<JobHandler> make_retention_jobs(std::weak_ptr<Core> core);

}  // namespace scena::engine
