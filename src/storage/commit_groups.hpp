#pragma once

#include <memory>
#include <scena/ext/storage.hpp>
#include <vector>

#include "base/unique_function.hpp"

namespace scena {

class StorageMailbox;

/// One piece of work for the storage: a batch to commit, or a call such as claim_job().
struct StorageItem {
  using Done = UniqueFunction<void(Result<void>)>;

  Batch batch;
  UniqueFunction<void(Storage&)> call;  ///< Set: run this in place of committing `batch`.
  Done done;
  Result<void> result;
  std::shared_ptr<StorageMailbox> mailbox;  ///< Where `done` is handed back.
  std::unique_ptr<StorageItem> next;        ///< Of the list that holds the item.
};

/// A queue linked through its items: adding and taking allocate nothing and cannot fail.
class StorageItemList {
 public:
  StorageItemList() noexcept = default;
  StorageItemList(StorageItemList&& other) noexcept;
  StorageItemList& operator=(StorageItemList&& other) noexcept;
  ~StorageItemList();

  bool empty() const noexcept { return !first_; }
  std::size_t size() const noexcept { return size_; }
  const StorageItem& front() const noexcept { return *first_; }
  void push(std::unique_ptr<StorageItem> item) noexcept;
  std::unique_ptr<StorageItem> pop() noexcept;

 private:
  std::unique_ptr<StorageItem> first_;
  StorageItem* last_ = nullptr;
  std::size_t size_ = 0;
};

using StorageItems = std::vector<std::unique_ptr<StorageItem>>;

struct CommitLimits {
  std::size_t max_pending = 65'536;       ///< Waiting items; the next is refused, overloaded.
  std::size_t max_group_batches = 1'024;  ///< Batches that share one transaction.
  std::size_t max_group_bytes = 8u
                                << 20;  ///< Payload of one transaction, unless one batch is larger.
};

/// Forms groups out of what arrives, in the order of arrival. Plain: no lock, no thread.
class CommitGroups {
 public:
  explicit CommitGroups(CommitLimits limits);

  const CommitLimits& limits() const noexcept { return limits_; }
  std::size_t pending() const noexcept { return waiting_.size(); }
  bool empty() const noexcept { return waiting_.empty(); }

  /// Takes the item, or reports overloaded.
  Result<void> push(std::unique_ptr<StorageItem> item);

  /// Moves the next group into `group` (cleared before): batches up to the limits, or one call.
  /// Allocates nothing when `group` has room for max_group_batches.
  void take(StorageItems& group);

 private:
  CommitLimits limits_;
  StorageItemList waiting_;
};

/// Bytes of what a batch writes; how large a transaction becomes.
std::size_t payload_bytes(const Batch& batch) noexcept;

}  // namespace scena
