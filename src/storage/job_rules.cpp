#include "storage/job_rules.hpp"

#include "storage/batch_check.hpp"

namespace scena {
namespace {

constexpr const char* kJobStates[] = {"waiting", "running", "done", "cancelled", "dead", "dropped"};

void end_attempt(Job& job, Job::State next, WallTime now) {
  job.state = next;
  job.changed = now;
  job.claimed_until = {};
}

Job::State after_failure(const Job& job) noexcept {
  return job.attempts >= job.max_attempts ? Job::State::dead : Job::State::waiting;
}

}  // namespace

const char* to_string(Job::State state) noexcept {
  return kJobStates[static_cast<int>(state)];
}

std::optional<Job::State> parse_job_state(std::string_view name) noexcept {
  for (std::size_t i = 0; i < std::size(kJobStates); ++i) {
    if (name == kJobStates[i]) return static_cast<Job::State>(i);
  }
  return std::nullopt;
}

bool has_ended(Job::State state) noexcept {
  return state != Job::State::waiting && state != Job::State::running;
}

Job new_job(const JobWrite& write) {
  Job job;
  job.tenant = write.tenant;
  job.kind = write.kind;
  job.id = write.id;
  job.payload = write.payload;
  job.priority = write.priority;
  job.max_attempts = write.max_attempts;
  job.run_after = write.run_after;
  job.key = write.key;
  job.stream = write.stream;
  job.changed = write.now;
  return job;
}

Result<bool> change_job(Job& job, const JobWrite& write) {
  if (write.op == JobWrite::Op::cancel) {
    if (has_ended(job.state)) return false;
    end_attempt(job, Job::State::cancelled, write.now);
    return true;
  }
  if (write.op == JobWrite::Op::requeue) {
    if (!has_ended(job.state) || job.state == Job::State::done) return job_not_dead(write);
    end_attempt(job, Job::State::waiting, write.now);
    job.attempts = 0;
    job.run_after = write.run_after;
    return true;
  }
  if (job.state != Job::State::running || job.claim != write.claim) return job_not_running(write);
  job.result = write.payload;
  if (write.op == JobWrite::Op::finish) {
    end_attempt(job, Job::State::done, write.now);
    return true;
  }
  end_attempt(job, write.final ? Job::State::dead : after_failure(job), write.now);
  if (job.state == Job::State::waiting) job.run_after = write.run_after;
  return true;
}

void drop_job(Job& job, WallTime now) {
  end_attempt(job, Job::State::dropped, now);
}

bool is_due(const Job& job, WallTime now) noexcept {
  return job.run_after <= now || job.run_after <= job.changed ||
         (job.attempts > 0 && job.changed > now + kClockSlack);
}

void claim_job(Job& job, const JobClaim& claim) {
  job.state = Job::State::running;
  ++job.attempts;
  ++job.claim;
  job.owner = claim.owner;
  job.claimed_until = claim.until;
  job.changed = claim.now;
}

void take_back(Job& job, WallTime now, std::string_view reason) {
  const Job::State next = after_failure(job);
  if (next == Job::State::dead) job.result = reason;
  end_attempt(job, next, now);
}

}  // namespace scena
