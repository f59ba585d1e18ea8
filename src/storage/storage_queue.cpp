#include "storage/storage_queue.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <utility>

namespace scena {
namespace {

Error no_memory() {
  return Error::fixed(ErrorCode::out_of_memory,
                      "storage: an allocation failed; nothing was committed");
}

}  // namespace

/// Finished items of one submitter on their way back to its loop.
class StorageMailbox : public std::enable_shared_from_this<StorageMailbox> {
 public:
  explicit StorageMailbox(LoopExecutor executor) : executor_(std::move(executor)) {}

  void put(std::unique_ptr<StorageItem> item) {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return;
      if (executor_) return ready_.push(std::move(item));
    }
    finish(*item);
  }

  /// Asks the loop for one task an item, so that a loop with a budget can stop between two. False
  /// when the loop has no memory for a task: the items stay.
  bool announce() noexcept {
    std::lock_guard open(post_mutex_);  // close() waits for a post that is under way
    while (!post_closed_ && take_unannounced()) {
      try {
        executor_([self = shared_from_this()] { self->finish_next(); });
      } catch (...) {
        std::lock_guard lock(mutex_);
        --announced_;
        return false;
      }
    }
    return true;
  }

  /// What completions throw is thrown on when all of them have run.
  void drain() {
    StorageItemList items;
    {
      std::lock_guard lock(mutex_);
      items = std::move(ready_);
    }
    std::exception_ptr thrown;
    // A completion may destroy the submitter: then the others are dropped.
    while (!items.empty() && !is_closed()) {
      try {
        finish(*items.pop());
      } catch (...) {
        if (!thrown) thrown = std::current_exception();
      }
    }
    if (thrown) std::rethrow_exception(thrown);
  }

  void close() {
    {
      std::lock_guard open(post_mutex_);
      post_closed_ = true;
    }
    StorageItemList dropped;
    std::lock_guard lock(mutex_);
    closed_ = true;
    dropped = std::move(ready_);
  }

 private:
  bool take_unannounced() {
    std::lock_guard lock(mutex_);
    if (closed_ || announced_ >= ready_.size()) return false;
    ++announced_;
    return true;
  }

  void finish_next() {
    std::unique_ptr<StorageItem> item;
    {
      std::lock_guard lock(mutex_);
      if (announced_ > 0) --announced_;
      if (closed_ || ready_.empty()) return;  // drain() has called it
      item = ready_.pop();
    }
    finish(*item);
  }

  bool is_closed() {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  static void finish(StorageItem& item) {
    if (item.done) item.done(std::move(item.result));
  }

  const LoopExecutor executor_;
  std::mutex post_mutex_;
  bool post_closed_ = false;
  std::mutex mutex_;
  StorageItemList ready_;
  std::size_t announced_ = 0;  // tasks posted and not run yet
  bool closed_ = false;
};

StorageQueue::StorageQueue(Storage& storage, Mode mode, CommitLimits limits)
    : storage_(storage), mode_(mode), groups_(limits) {
  // Room for a full group from the start: forming one must not fail.
  group_.reserve(groups_.limits().max_group_batches);
  batches_.reserve(groups_.limits().max_group_batches);
  if (mode_ == Mode::thread) thread_ = std::thread([this] { run(); });
}

StorageQueue::~StorageQueue() {
  stop();
}

std::size_t StorageQueue::pending() const {
  std::lock_guard lock(mutex_);
  return groups_.pending();
}

Result<void> StorageQueue::push(std::unique_ptr<StorageItem> item) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_)
      return Error::fixed(ErrorCode::closed,
                          "storage: the engine is closing; nothing more is stored");
    if (auto pushed = groups_.push(std::move(item)); !pushed) return pushed;
  }
  if (mode_ == Mode::thread) arrived_.notify_one();
  return {};
}

std::size_t StorageQueue::flush() {
  if (mode_ == Mode::thread) return 0;
  std::lock_guard working(commit_mutex_);
  auto left = pending();
  std::size_t committed = 0;
  while (left > 0) {
    {
      std::lock_guard lock(mutex_);
      groups_.take(group_);
    }
    if (group_.empty()) break;
    committed += group_.size();
    left -= std::min(left, group_.size());
    commit(group_);
  }
  return committed;
}

void StorageQueue::run() {
  std::lock_guard working(commit_mutex_);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !groups_.empty(); });
      if (groups_.empty()) return;
      groups_.take(group_);
    }
    commit(group_);
  }
}

void StorageQueue::commit(StorageItems& items) {
  auto& first = *items.front();
  if (!first.call) {
    commit_batches(items);
  } else {
    try {
      first.call(storage_);
    } catch (const std::bad_alloc&) {
      first.result = no_memory();
    } catch (...) {
      first.result = Error::fixed(ErrorCode::internal, "storage: a call to the store threw");
    }
  }
  deliver(items);
}

void StorageQueue::commit_batches(StorageItems& items) {
  batches_.clear();
  for (auto& item : items) batches_.push_back(std::move(item->batch));
  Result<void> failed;
  try {
    auto results = storage_.commit(batches_);
    if (results.size() == items.size()) {
      for (std::size_t i = 0; i < items.size(); ++i) items[i]->result = std::move(results[i]);
    } else {
      failed = Error::fixed(ErrorCode::internal,
                            "storage: the store answered for another number of batches");
    }
  } catch (const std::bad_alloc&) {
    failed = no_memory();
  } catch (...) {
    failed = Error::fixed(ErrorCode::internal, "storage: the store threw while it committed");
  }
  batches_.clear();
  if (failed) return;
  for (auto& item : items) item->result = failed;
}

// What is committed shall be acknowledged, also where the loop has no memory for a task: the
// caller is on the loop's thread and runs the completions itself, the thread asks for a while.
void StorageQueue::announce(StorageMailbox& mailbox) {
  if (mailbox.announce()) return;
  if (mode_ == Mode::caller) return mailbox.drain();
  constexpr int kTries = 2'000;
  for (int i = 0; i < kTries && !mailbox.announce(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void StorageQueue::deliver(StorageItems& items) {
  // Neighbours of one submitter share one announcement. What a completion throws that is called
  // here is thrown on when all of them have run.
  std::shared_ptr<StorageMailbox> open;
  std::exception_ptr thrown;
  const auto guarded = [&thrown](auto&& call) {
    try {
      call();
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
  };
  for (auto& item : items) {
    auto mailbox = std::move(item->mailbox);
    if (open && open != mailbox) guarded([&] { announce(*open); });
    open = mailbox;
    guarded([&] { mailbox->put(std::move(item)); });
  }
  if (open) guarded([&] { announce(*open); });
  items.clear();
  if (thrown && mode_ == Mode::caller) std::rethrow_exception(thrown);
}

void StorageQueue::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  std::lock_guard ending(stop_mutex_);
  if (thread_.joinable()) thread_.join();
  for (bool more = true; more;) {
    try {
      more = flush() > 0;
    } catch (...) {
      // A completion's; the others have run, and nothing new is taken any more.
    }
  }
}

StorageSubmitter::StorageSubmitter(StorageQueue& queue, LoopExecutor executor)
    : queue_(queue), mailbox_(std::make_shared<StorageMailbox>(std::move(executor))) {}

StorageSubmitter::~StorageSubmitter() {
  mailbox_->close();
}

Result<void> StorageSubmitter::submit(Batch batch, StorageQueue::Done done) {
  try {
    auto item = std::make_unique<StorageItem>();
    item->batch = std::move(batch);
    item->done = std::move(done);
    item->mailbox = mailbox_;
    return queue_.push(std::move(item));
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

Result<void> StorageSubmitter::call(StorageQueue::Call call, StorageQueue::Done done) {
  try {
    auto item = std::make_unique<StorageItem>();
    item->call = std::move(call);
    item->done = std::move(done);
    item->mailbox = mailbox_;
    return queue_.push(std::move(item));
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

}  // namespace scena
