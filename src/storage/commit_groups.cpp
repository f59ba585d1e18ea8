#include "storage/commit_groups.hpp"

#include <algorithm>
#include <utility>

namespace scena {

StorageItemList::StorageItemList(StorageItemList&& other) noexcept {
  *this = std::move(other);
}

StorageItemList& StorageItemList::operator=(StorageItemList&& other) noexcept {
  while (first_) pop();
  first_ = std::move(other.first_);
  last_ = std::exchange(other.last_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

StorageItemList::~StorageItemList() {
  while (first_) pop();  // one by one: a long list would destroy itself recursively
}

void StorageItemList::push(std::unique_ptr<StorageItem> item) noexcept {
  auto* added = item.get();
  (last_ ? last_->next : first_) = std::move(item);
  last_ = added;
  ++size_;
}

std::unique_ptr<StorageItem> StorageItemList::pop() noexcept {
  auto item = std::move(first_);
  first_ = std::move(item->next);
  if (!first_) last_ = nullptr;
  --size_;
  return item;
}

CommitGroups::CommitGroups(CommitLimits limits) : limits_(limits) {
  limits_.max_group_batches = std::max<std::size_t>(1, limits_.max_group_batches);
}

Result<void> CommitGroups::push(std::unique_ptr<StorageItem> item) {
  if (waiting_.size() >= limits_.max_pending) {
    return Error::fixed(ErrorCode::overloaded,
                        "storage: too many writes are waiting for the disk; try again");
  }
  waiting_.push(std::move(item));
  return {};
}

void CommitGroups::take(StorageItems& group) {
  group.clear();
  std::size_t bytes = 0;
  while (!waiting_.empty() && group.size() < limits_.max_group_batches) {
    const auto& next = waiting_.front();
    const bool is_call = static_cast<bool>(next.call);
    if (is_call && !group.empty()) return;  // a call sees what came before it, committed
    bytes += payload_bytes(next.batch);
    if (bytes > limits_.max_group_bytes && !group.empty()) return;
    group.push_back(waiting_.pop());
    if (is_call) return;
  }
}

std::size_t payload_bytes(const Batch& batch) noexcept {
  std::size_t bytes = 0;
  for (const auto& append : batch.appends) {
    for (const auto& event : append.events) bytes += event.data.size();
  }
  for (const auto& record : batch.records) bytes += record.json.size();
  for (const auto& blob : batch.blobs) bytes += blob.bytes.size();
  for (const auto& job : batch.jobs) bytes += job.payload.size();
  return bytes;
}

}  // namespace scena
