#include "storage/backends/memory/memory.hpp"

#include <mutex>
#include <new>
#include <shared_mutex>

#include "storage/backends/memory/event_log.hpp"
#include "storage/backends/memory/job_table.hpp"
#include "storage/backends/memory/record_table.hpp"
#include "storage/batch_check.hpp"

namespace scena::memory {
namespace {

Error no_memory() {
  return Error::fixed(ErrorCode::out_of_memory,
                      "memory: an allocation failed; nothing was changed");
}

/// Runs one operation; an allocation that fails becomes an Error.
template <class T, class Operation>
Result<T> guarded(Operation operation) {
  try {
    return operation();
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

class MemoryStorage final : public Storage {
 public:
  StorageInfo info() const override {
    return {.backend = "memory", .location = "", .schema_version = 1};
  }

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    std::vector<Result<void>> results;
    results.reserve(group.size());
    std::unique_lock lock(mutex_);
    for (const auto& batch : group) results.push_back(commit_one(batch));
    return results;
  }

  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after_seq, std::size_t limit) override {
    return guarded<std::vector<Event>>([&] {
      std::shared_lock lock(mutex_);
      const auto* log = find(tenant, stream);
      return log ? log->read(stream, after_seq, limit, texts_) : std::vector<Event>();
    });
  }

  Result<std::uint64_t> last_seq(std::string_view tenant, std::string_view stream) override {
    std::shared_lock lock(mutex_);
    const auto* log = find(tenant, stream);
    return log ? log->last_seq() : 0;
  }

  Result<std::vector<std::string>> streams(std::string_view tenant, std::string_view after,
                                           std::size_t limit) override {
    return guarded<std::vector<std::string>>([&] {
      std::shared_lock lock(mutex_);
      std::vector<std::string> names;
      const auto logs = tenants_.find(tenant);
      if (logs == tenants_.end()) return names;
      auto at = logs->second.upper_bound(after);
      for (; at != logs->second.end() && names.size() < limit; ++at) {
        if (at->second.last_seq() > 0) names.push_back(at->first);
      }
      return names;
    });
  }

  Result<std::optional<Record>> get(const RecordKey& key) override {
    return guarded<std::optional<Record>>([&] {
      std::shared_lock lock(mutex_);
      return records_.get(key);
    });
  }

  Result<std::vector<Record>> list(const RecordQuery& query) override {
    return guarded<std::vector<Record>>([&] {
      std::shared_lock lock(mutex_);
      return records_.list(query);
    });
  }

  Result<std::optional<std::string>> blob(std::string_view tenant,
                                          std::string_view sha256) override {
    return guarded<std::optional<std::string>>([&]() -> std::optional<std::string> {
      std::shared_lock lock(mutex_);
      const auto found = blobs_.find({std::string(tenant), std::string(sha256)});
      if (found == blobs_.end()) return std::nullopt;
      return found->second.bytes;
    });
  }

  Result<std::optional<Job>> claim_job(const JobClaim& claim) override {
    return guarded<std::optional<Job>>([&] {
      std::unique_lock lock(mutex_);
      return jobs_.claim(claim);
    });
  }

  Result<std::size_t> reclaim_jobs(WallTime expired_by, WallTime now, std::string_view reason,
                                   std::span<const std::uint64_t> spared) override {
    return guarded<std::size_t>([&] {
      std::unique_lock lock(mutex_);
      return jobs_.reclaim(expired_by, now, reason, spared);
    });
  }

  Result<std::optional<WallTime>> next_job_time(std::string_view kind, WallTime now) override {
    std::shared_lock lock(mutex_);
    return jobs_.next_time(kind, now);
  }

  Result<std::size_t> purge_jobs(WallTime done_before, WallTime dead_before) override {
    return guarded<std::size_t>([&] {
      std::unique_lock lock(mutex_);
      return jobs_.purge(done_before, dead_before);
    });
  }

  Result<std::vector<Job>> jobs(const JobQuery& query) override {
    return guarded<std::vector<Job>>([&] {
      std::shared_lock lock(mutex_);
      return jobs_.list(query);
    });
  }

  Result<std::vector<JobCount>> count_jobs(std::string_view tenant) override {
    return guarded<std::vector<JobCount>>([&] {
      std::shared_lock lock(mutex_);
      return jobs_.count(tenant);
    });
  }

  Result<std::optional<Job>> job(std::string_view tenant, std::string_view id) override {
    return guarded<std::optional<Job>>([&] {
      std::shared_lock lock(mutex_);
      return jobs_.find(tenant, id);
    });
  }

  Result<Lease> acquire_lease(std::string_view name, std::string_view owner, WallTime now,
                              Duration length) override {
    return guarded<Lease>([&]() -> Result<Lease> {
      std::unique_lock lock(mutex_);
      auto& lease = leases_[std::string(name)];
      const bool mine = lease.owner == owner && lease.epoch > 0;
      if (!mine && !lease.owner.empty() && lease.expires > now) return lease_held(name);
      Lease fresh{std::string(name), std::string(owner), mine ? lease.epoch : lease.epoch + 1,
                  now + std::chrono::duration_cast<std::chrono::microseconds>(length)};
      Lease kept = fresh;
      std::swap(lease, kept);
      return fresh;
    });
  }

  Result<void> release_lease(const Lease& lease) override {
    std::unique_lock lock(mutex_);
    const auto found = leases_.find(lease.name);
    if (found == leases_.end()) return {};
    if (found->second.owner == lease.owner && found->second.epoch == lease.epoch)
      found->second.owner.clear();
    return {};
  }

  Result<void> backup(const std::string&) override {
    return Error::fixed(ErrorCode::unsupported,
                        "memory: there is no file to back up; use \"sqlite:FILE\"");
  }

  Result<void> check() override { return {}; }

 private:
  struct Blob {
    std::string media_type;
    std::string bytes;
  };
  using Blobs = std::map<std::pair<std::string, std::string>, Blob>;
  using Logs = std::map<std::string, EventLog, std::less<>>;

  const EventLog* find(std::string_view tenant, std::string_view stream) const {
    const auto logs = tenants_.find(tenant);
    if (logs == tenants_.end()) return nullptr;
    const auto log = logs->second.find(stream);
    return log == logs->second.end() ? nullptr : &log->second;
  }

  Result<void> commit_one(const Batch& batch) {
    Result<void> applied = no_memory();
    try {
      applied = apply(batch);
    } catch (const std::bad_alloc&) {
    }
    if (applied) {
      undo_.clear();
    } else {
      undo_.run();
    }
    return applied;
  }

  Result<void> apply(const Batch& batch) {
    if (auto checked = check_batch(batch); !checked) return checked;
    for (const auto& append : batch.appends) {
      if (auto done = apply(append); !done) return done;
    }
    for (const auto& write : batch.records) {
      if (auto done = records_.write(write, undo_); !done) return done;
    }
    for (const auto& write : batch.blobs) apply(write);
    for (const auto& write : batch.jobs) {
      if (auto done = jobs_.write(write, undo_); !done) return done;
    }
    for (const auto& erase : batch.erasures) apply(erase);
    for (const auto& erase : batch.blob_erasures) apply(erase);
    return {};
  }

  Result<void> apply(const Append& append) {
    if (append.lease_epoch > 0) {
      const auto lease = leases_.find(lease_name(append.tenant, append.stream));
      if (lease != leases_.end() && lease->second.epoch > append.lease_epoch) {
        return stale_lease(append, lease->second.epoch);
      }
    }
    auto& log = tenants_[append.tenant][append.stream];
    if (log.last_seq() != append.expected_seq) return stale_append(append, log.last_seq());
    undo_.add([&log, mark = std::make_unique<EventLog::Mark>(log.mark())] { log.truncate(*mark); });
    for (const auto& event : append.events) log.append(event, texts_);
    return {};
  }

  void apply(const StreamErase& erase) {
    const auto logs = tenants_.find(erase.tenant);
    if (logs == tenants_.end()) return;
    const auto log = logs->second.find(erase.stream);
    if (log == logs->second.end()) return;
    auto held = std::make_unique<Logs::node_type>();
    auto& node = *held;
    undo_.add([&logs = logs->second, held = std::move(held)] {
      if (!held->empty()) logs.insert(std::move(*held));
    });
    node = logs->second.extract(log);
  }

  void apply(const BlobWrite& write) {
    std::pair key(write.tenant, write.sha256);
    if (blobs_.contains(key)) return;
    undo_.add([this, key] { blobs_.erase(key); });
    blobs_.emplace(std::move(key), Blob{write.media_type, write.bytes});
  }

  void apply(const BlobErase& erase) {
    const auto blob = blobs_.find({erase.tenant, erase.sha256});
    if (blob == blobs_.end()) return;
    auto held = std::make_unique<Blobs::node_type>();
    auto& node = *held;
    undo_.add([this, held = std::move(held)] {
      if (!held->empty()) blobs_.insert(std::move(*held));
    });
    node = blobs_.extract(blob);
  }

  mutable std::shared_mutex mutex_;
  TextTable texts_;
  std::map<std::string, Logs, std::less<>> tenants_;
  RecordTable records_;
  Blobs blobs_;
  JobTable jobs_;
  std::map<std::string, Lease, std::less<>> leases_;
  Undo undo_;
};

}  // namespace

Result<std::unique_ptr<Storage>> make_storage(const StorageOptions& options) {
  if (!options.location().empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "storage: \"memory:\" takes no name behind the colon");
  }
  try {
    return std::unique_ptr<Storage>(std::make_unique<MemoryStorage>());
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

}  // namespace scena::memory
