#include "storage/backends/memory/job_table.hpp"

#include <memory>

#include "storage/batch_check.hpp"

namespace scena::memory {
namespace {

bool has_ended(const Job& job) noexcept {
  return job.state == Job::State::done || job.state == Job::State::cancelled ||
         job.state == Job::State::dead;
}

Job::State after_failure(const Job& job) noexcept {
  return job.attempts >= job.max_attempts ? Job::State::dead : Job::State::waiting;
}

}  // namespace

Result<void> JobTable::write(const JobWrite& write, Undo& undo) {
  const auto found = jobs_.find({write.tenant, write.id});
  if (write.op == JobWrite::Op::enqueue) {
    if (found == jobs_.end()) enqueue(write, undo);
    return {};
  }
  if (found == jobs_.end()) return job_not_found(write);
  auto& entry = found->second;
  auto changed = entry.job;
  if (write.op == JobWrite::Op::cancel) {
    if (has_ended(changed)) return {};
    changed.state = Job::State::cancelled;
  } else {
    if (changed.state != Job::State::running) return job_not_running(write);
    changed.result = write.payload;
    changed.state = write.op == JobWrite::Op::finish ? Job::State::done : after_failure(changed);
    if (changed.state == Job::State::waiting) changed.run_after = write.run_after;
  }
  change(entry, std::move(changed), undo);
  return {};
}

void JobTable::enqueue(const JobWrite& write, Undo& undo) {
  const auto order = next_order_++;
  undo.add([this, order, key = std::pair(write.tenant, write.id)] {
    open_.erase(order);
    jobs_.erase(key);
  });
  Entry entry;
  entry.order = order;
  entry.job.tenant = write.tenant;
  entry.job.kind = write.kind;
  entry.job.id = write.id;
  entry.job.payload = write.payload;
  entry.job.priority = write.priority;
  entry.job.max_attempts = write.max_attempts;
  entry.job.run_after = write.run_after;
  const auto at = jobs_.emplace(std::pair(write.tenant, write.id), std::move(entry)).first;
  open_.emplace(order, &at->second);
}

void JobTable::change(Entry& entry, Job changed, Undo& undo) {
  auto held = std::make_shared<Job>(std::move(changed));
  std::swap(entry.job, *held);
  auto back = [this, &entry, held] {
    std::swap(entry.job, *held);
    settle(entry);
  };
  try {
    undo.add(back);
  } catch (...) {
    back();
    throw;
  }
  settle(entry);
}

void JobTable::settle(Entry& entry) noexcept {
  if (has_ended(entry.job)) {
    if (entry.parked.empty()) entry.parked = open_.extract(entry.order);
  } else if (!entry.parked.empty()) {
    open_.insert(std::move(entry.parked));
    entry.parked = {};
  }
}

std::optional<Job> JobTable::claim(std::string_view kind, WallTime now) {
  Entry* best = nullptr;
  for (const auto& [order, entry] : open_) {
    const auto& job = entry->job;
    if (job.kind != kind || job.state != Job::State::waiting || job.run_after > now) continue;
    if (!best || job.priority > best->job.priority) best = entry;
  }
  if (!best) return std::nullopt;
  std::optional<Job> claimed(best->job);  // the copy may fail: before anything has changed
  best->job.state = claimed->state = Job::State::running;
  best->job.attempts = ++claimed->attempts;
  return claimed;
}

std::size_t JobTable::reclaim() {
  std::size_t reclaimed = 0;
  for (auto at = open_.begin(); at != open_.end();) {
    auto& entry = *at->second;
    ++at;  // settle() may take the entry out
    if (entry.job.state != Job::State::running) continue;
    entry.job.state = after_failure(entry.job);
    settle(entry);
    ++reclaimed;
  }
  return reclaimed;
}

std::optional<Job> JobTable::find(std::string_view tenant, std::string_view id) const {
  const auto found = jobs_.find({std::string(tenant), std::string(id)});
  return found == jobs_.end() ? std::nullopt : std::optional(found->second.job);
}

}  // namespace scena::memory
