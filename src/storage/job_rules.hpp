#pragma once

#include <scena/ext/storage.hpp>

namespace scena {

/// A job that was tried already and changed later than `now` plus this was stamped by a clock that
/// has gone back since.
inline constexpr std::chrono::seconds kClockSlack{1};

/// What a change of a job means, the same in every backend. Plain values.

/// Done, cancelled, dead or dropped: nothing runs it any more unless it is requeued.
bool has_ended(Job::State state) noexcept;

/// The job that an enqueue makes; its number is the store's to give.
Job new_job(const JobWrite& write);

/// Changes `job` as finish, fail, cancel and requeue say. False: nothing is to be changed.
Result<bool> change_job(Job& job, const JobWrite& write);

/// It gives way to a newer one.
void drop_job(Job& job, WallTime now);

/// Whether the time of a waiting job has come, see Storage::claim_job().
bool is_due(const Job& job, WallTime now) noexcept;

/// A claim begins: one more start.
void claim_job(Job& job, const JobClaim& claim);

/// Its worker died: it waits again, or is dead with `reason`.
void take_back(Job& job, WallTime now, std::string_view reason);

}  // namespace scena
