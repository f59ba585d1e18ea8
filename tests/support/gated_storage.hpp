#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <scena/ext/storage.hpp>

namespace scena::test {

/// A store around another whose commits can be held at a gate and counted.
class GatedStorage final : public Storage {
 public:
  explicit GatedStorage(std::unique_ptr<Storage> inner) : inner_(std::move(inner)) {}

  void close_gate() { set_open(false); }
  void open_gate() { set_open(true); }
  void wait_until_inside() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  int commits() {
    std::lock_guard lock(mutex_);
    return commits_;
  }
  void throw_next(bool on) { throw_next_ = on; }

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    {
      std::unique_lock lock(mutex_);
      inside_ = true;
      ++commits_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      inside_ = false;
    }
    if (std::exchange(throw_next_, false)) throw std::bad_alloc();
    return inner_->commit(group);
  }

  StorageInfo info() const override { return inner_->info(); }
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    return inner_->read_events(tenant, stream, after, limit);
  }
  Result<std::uint64_t> last_seq(std::string_view tenant, std::string_view stream) override {
    return inner_->last_seq(tenant, stream);
  }
  Result<std::vector<std::string>> streams(std::string_view tenant, std::string_view after,
                                           std::size_t limit) override {
    return inner_->streams(tenant, after, limit);
  }
  Result<std::optional<Record>> get(const RecordKey& key) override { return inner_->get(key); }
  Result<std::vector<Record>> list(const RecordQuery& query) override {
    return inner_->list(query);
  }
  Result<std::optional<std::string>> blob(std::string_view tenant,
                                          std::string_view sha256) override {
    return inner_->blob(tenant, sha256);
  }
  Result<std::optional<Job>> claim_job(const JobClaim& claim) override {
    return inner_->claim_job(claim);
  }
  Result<std::size_t> reclaim_jobs(WallTime expired_by, WallTime now,
                                   std::string_view reason) override {
    return inner_->reclaim_jobs(expired_by, now, reason);
  }
  Result<std::optional<WallTime>> next_job_time(std::string_view kind, WallTime now) override {
    return inner_->next_job_time(kind, now);
  }
  Result<std::size_t> purge_jobs(WallTime done_before, WallTime dead_before) override {
    return inner_->purge_jobs(done_before, dead_before);
  }
  Result<std::vector<Job>> jobs(const JobQuery& query) override { return inner_->jobs(query); }
  Result<std::vector<JobCount>> count_jobs(std::string_view tenant) override {
    return inner_->count_jobs(tenant);
  }
  Result<std::optional<Job>> job(std::string_view tenant, std::string_view id) override {
    return inner_->job(tenant, id);
  }
  Result<Lease> acquire_lease(std::string_view name, std::string_view owner, WallTime now,
                              Duration length) override {
    return inner_->acquire_lease(name, owner, now, length);
  }
  Result<void> release_lease(const Lease& lease) override { return inner_->release_lease(lease); }
  Result<void> backup(const std::string& path) override { return inner_->backup(path); }
  Result<void> check() override { return inner_->check(); }

 private:
  void set_open(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  std::unique_ptr<Storage> inner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool inside_ = false;
  int commits_ = 0;
  bool throw_next_ = false;
};

}  // namespace scena::test
