#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <scena/ext/storage.hpp>
#include <scena/pending.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace scena {

/// What a new job has beside its kind and payload.
struct JobOptions {
  std::string id;  ///< Unique per tenant; the same id again gives the first job. Empty: a new one.
  /// Jobs of a kind and key run one after the other, in the order of enqueue. Empty: in no order.
  std::string key;
  bool join = false;  ///< While a job of this kind and key is open, that one is the answer.
  int priority = 0;   ///< Higher first.
  std::chrono::milliseconds delay{0};  ///< Not before, on the engine's clock; at most 100 years.
  int max_attempts = 0;                ///< Starts before it is dead; 0: Config::jobs decides.
  std::string session;  ///< The session it belongs to: deleting that one erases it. May be empty.
};

/// Which jobs to list.
struct JobFilter {
  std::string kind;                 ///< Empty: of every kind.
  std::optional<Job::State> state;  ///< Empty: in every state. dead and dropped are dead letters.
  std::uint64_t after = 0;          ///< JobPage::next of the page before; 0: the first page.
  std::size_t limit = 0;            ///< Jobs in a page, at most 1000; 0: 100.
};

/// Jobs in the order of enqueue.
struct JobPage {
  std::vector<Job> jobs;   ///< At most `limit` of the filter.
  std::uint64_t next = 0;  ///< Hand back as `after`; 0: this was the last page.
};

/// The background jobs of one tenant: work that is stored first and done later, by the handlers in
/// Dependencies::job_handlers. A job is started at most max_attempts times, crashes included, and
/// has one result. A cheap handle; copies name the same jobs.
///
/// Threading: any thread; with `threads = 0` jobs run inside poll().
class Jobs {
 public:
  /// Stores a job of one of the host's kinds. Its payload is the host's own text, UTF-8 of at most
  /// 1 MiB. The answer is the stored job.
  /// @throws Error permission_denied unless it is the host; not_found for a kind without handler;
  ///         invalid_argument for a payload or options at fault; closed. The answer fails with
  ///         overloaded when the queue is full (Config::jobs), and with the store's errors.
  Pending<Job> enqueue(std::string_view kind, std::string_view payload,
                       const JobOptions& options = {});
  /// One job. @throws Error not_found; permission_denied unless it is the host; storage errors.
  Job get(std::string_view id) const;
  /// Jobs page by page. @throws Error invalid_argument for a limit over 1000;
  /// permission_denied unless it is the host; storage errors.
  JobPage list(const JobFilter& filter = {}) const;
  /// Ends a job that waits or runs; one that has ended stays as it is. The attempt under way is
  /// asked to stop, and its answer has no effect. The answer fails with not_found. @throws Error
  /// invalid_argument for a job that erases a session when its time is over.
  Pending<Job> cancel(std::string_view id);
  /// Makes a dead, dropped or cancelled job wait again, with all its attempts. The answer fails
  /// with not_found, and with conflict for a job that is open or done.
  Pending<Job> requeue(std::string_view id);
  /// How many jobs are in which state, by kind and state. @throws Error permission_denied unless it
  /// is the host; storage errors.
  std::vector<JobCount> counts() const;

  class Impl;

 private:
  friend class Engine;
  explicit Jobs(std::shared_ptr<const Impl> impl) noexcept;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace scena
