#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/commit_groups.hpp"

namespace scena {

/// Runs a task later on one submitter's loop, from any thread; never inside the call itself.
using LoopExecutor = std::function<void(Task)>;

/// Commits batches in groups: one transaction and one sync for all that arrived together.
///
/// Mode `caller`: nothing happens until flush(), which commits on the caller's thread. Mode
/// `thread`: a thread of its own commits; what arrives while a sync runs forms the next group.
/// Items of all submitters are committed in the order in which submit() and call() were called.
///
/// Every accepted item gets its `done` exactly once, as a task of its own on its submitter's
/// executor, unless the submitter is destroyed before. Threading: any thread, flush() one at a
/// time.
class StorageQueue {
 public:
  enum class Mode { caller, thread };
  using Done = StorageItem::Done;
  using Call = UniqueFunction<void(Storage&)>;

  /// `storage` must outlive the queue.
  StorageQueue(Storage& storage, Mode mode, CommitLimits limits = {});
  ~StorageQueue();
  StorageQueue(const StorageQueue&) = delete;
  StorageQueue& operator=(const StorageQueue&) = delete;

  Mode mode() const noexcept { return mode_; }
  /// Items that wait; in mode `caller` what the next flush() finds.
  std::size_t pending() const;

  /// Mode `caller`: commits all that had been collected when it was called, and returns the number
  /// of items. What completions submit meanwhile waits for the next flush. Mode `thread`: returns
  /// 0.
  std::size_t flush();

  /// Refuses new items (closed), commits those that wait, ends the thread. Idempotent. Must not be
  /// called from a Call.
  void stop();

 private:
  friend class StorageSubmitter;

  Result<void> push(std::unique_ptr<StorageItem> item);
  void run();
  void commit(StorageItems& items);
  void commit_batches(StorageItems& items);
  void announce(StorageMailbox& mailbox);
  void deliver(StorageItems& items);

  Storage& storage_;
  const Mode mode_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  CommitGroups groups_;
  bool stopping_ = false;
  std::mutex commit_mutex_;  // held while the storage works; guards the members below
  StorageItems group_;
  std::vector<Batch> batches_;
  std::mutex stop_mutex_;
  std::thread thread_;
};

/// One loop's way into a StorageQueue. Destroying it drops the completions not yet called; do so on
/// its own loop. The queue must outlive it.
class StorageSubmitter {
 public:
  /// An empty executor: completions are called inside flush() or on the storage thread itself. One
  /// that throws (no memory for a task): in mode `caller` they are called inside flush(), too; the
  /// thread asks again for a while.
  StorageSubmitter(StorageQueue& queue, LoopExecutor executor);
  ~StorageSubmitter();
  StorageSubmitter(const StorageSubmitter&) = delete;
  StorageSubmitter& operator=(const StorageSubmitter&) = delete;

  /// Queues a batch. Error: overloaded, closed or out_of_memory; then `done` is never called.
  Result<void> submit(Batch batch, StorageQueue::Done done);
  /// Queues a call of a job or lease function; it runs where commits run, after all that was
  /// submitted before. `done` gets ok, or internal when the call threw.
  Result<void> call(StorageQueue::Call call, StorageQueue::Done done);

 private:
  StorageQueue& queue_;
  std::shared_ptr<StorageMailbox> mailbox_;
};

}  // namespace scena
