#include <scena/jobs.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/api/handles.hpp"
#include "engine/erasure/retention.hpp"

namespace scena {
namespace {

using JobState = detail::PendingState<Job>;

Error bad_job(const char* what) {
  return Error::fixed(ErrorCode::invalid_argument, what);
}

Result<void> check_job_options(std::string_view payload, const JobOptions& options) {
  if (payload.size() > engine::kMaxJobBytes || !is_valid_utf8(payload))
    return bad_job("payload: must be UTF-8 of at most 1 MiB; keep what is larger elsewhere");
  if (!engine::is_name(options.id) || !engine::is_name(options.key) ||
      !engine::is_name(options.session))
    return bad_job("id, key, session: at most 200 bytes of UTF-8, without control characters");
  if (options.join && options.key.empty())
    return bad_job("join: needs a key that names what is done once");
  if (options.delay.count() < 0 || options.delay > kForEver)
    return bad_job("delay: must be zero or more, and at most 100 years");
  if (options.max_attempts < 0 || options.max_attempts > 1'000)
    return bad_job("max_attempts: must be 1 to 1000, or 0 for the configuration's");
  return {};
}

// The job that an enqueue made, or that it joined.
Result<Job> stored_job(Storage& storage, const JobWrite& write) {
  auto found = storage.job(write.tenant, write.id);
  if (!found) return found.error();
  if (*found) return std::move(**found);
  for (const auto state : {Job::State::running, Job::State::waiting}) {
    auto open = storage.jobs(
        {.tenant = write.tenant, .kind = write.kind, .state = state, .key = write.key, .limit = 1});
    if (!open) return open.error();
    if (!open->empty()) return std::move(open->front());
  }
  return Error::fixed(ErrorCode::not_found, "jobs: the job has ended and is not kept any more");
}

}  // namespace

class Jobs::Impl : public std::enable_shared_from_this<Jobs::Impl> {
 public:
  Impl(std::shared_ptr<engine::Core> engine_core, Principal principal)
      : core(std::move(engine_core)), who(std::move(principal)) {}

  void check() const {
    core->usable().value_or_throw();
    engine::Authorizer::host_only(who).value_or_throw();
  }

  Pending<Job> change(JobWrite::Op op, std::string_view id) const {
    check();
    JobWrite write;
    write.op = op;
    write.tenant = who.tenant;
    write.id = id;
    write.now = write.run_after = core->clock().wall();
    return commit(std::move(write), false);
  }

  /// `own_id`: the engine chose the id, and chooses another one where it is taken.
  Pending<Job> commit(JobWrite write, bool own_id) const {
    auto state = std::make_shared<JobState>(std::weak_ptr<detail::Driver>(core));
    send(std::move(write), own_id, promise_of(state));
    return Pending<Job>(std::move(state));
  }

  std::shared_ptr<engine::Core> core;
  Principal who;

 private:
  void send(JobWrite write, bool own_id, std::shared_ptr<JobState> answer) const {
    core->jobs().commit(write, [self = shared_from_this(), write, own_id,
                                answer](const Result<void>& result) mutable {
      if (!result && own_id && result.error().code() == ErrorCode::already_exists) {
        write.id = self->core->jobs().next_id(false);
        return self->send(std::move(write), own_id, std::move(answer));
      }
      if (!result) return answer->resolve(result.error());
      if (write.op == JobWrite::Op::cancel) self->core->jobs().stop_job(write.tenant, write.id);
      answer->resolve(stored_job(*self->core->storage(), write));
    });
  }
};

Jobs::Jobs(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}

Jobs Engine::jobs() const {
  impl_->core->usable().value_or_throw();
  return Jobs(std::make_shared<Jobs::Impl>(impl_->core, impl_->who()));
}

Pending<Job> Jobs::enqueue(std::string_view kind, std::string_view payload,
                           const JobOptions& options) {
  impl_->check();
  auto& runner = impl_->core->jobs();
  if (kind.starts_with(engine::kOwnKinds) || !runner.has(kind)) {
    throw Error(ErrorCode::not_found,
                "jobs: the kind \"" + utf8_repair(utf8_truncate(kind, 100)) +
                    "\" has no handler; give the engine a job handler of that kind");
  }
  check_job_options(payload, options).value_or_throw();
  const bool own_id = options.id.empty();
  auto write = runner.make(impl_->who.tenant, std::string(kind),
                           own_id ? runner.next_id(true) : options.id, std::string(payload));
  write.fresh = own_id;
  write.key = options.key;
  write.single = options.join;
  write.priority = options.priority;
  write.run_after += options.delay;
  if (options.max_attempts > 0) write.max_attempts = options.max_attempts;
  if (!options.session.empty()) write.stream = engine::session_stream(options.session);
  return impl_->commit(std::move(write), own_id);
}

Job Jobs::get(std::string_view id) const {
  impl_->check();
  auto job = impl_->core->storage()->job(impl_->who.tenant, id).value_or_throw();
  if (!job) throw Error::fixed(ErrorCode::not_found, "jobs: no job of this id");
  return std::move(*job);
}

JobPage Jobs::list(const JobFilter& filter) const {
  impl_->check();
  const std::size_t limit = engine::page_size(filter.limit, 100).value_or_throw();
  JobPage page;
  page.jobs = impl_->core->storage()
                  ->jobs({.tenant = impl_->who.tenant,
                          .kind = filter.kind,
                          .state = filter.state,
                          .after = filter.after,
                          .limit = limit})
                  .value_or_throw();
  if (page.jobs.size() == limit) page.next = page.jobs.back().number;
  return page;
}

Pending<Job> Jobs::cancel(std::string_view id) {
  impl_->check();
  const auto job = impl_->core->storage()->job(impl_->who.tenant, id).value_or_throw();
  if (job && job->kind == engine::kRetentionJob) {
    throw Error::fixed(ErrorCode::invalid_argument,
                       "jobs: what erases a session when its time is over cannot be cancelled");
  }
  return impl_->change(JobWrite::Op::cancel, id);
}

Pending<Job> Jobs::requeue(std::string_view id) {
  return impl_->change(JobWrite::Op::requeue, id);
}

std::vector<JobCount> Jobs::counts() const {
  impl_->check();
  return impl_->core->storage()->count_jobs(impl_->who.tenant).value_or_throw();
}

}  // namespace scena
