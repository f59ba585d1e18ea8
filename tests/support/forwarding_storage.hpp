#pragma once

#include <memory>
#include <scena/ext/storage.hpp>

namespace scena::test {

/// A store that hands every call on to another; what a test changes it overrides.
class ForwardingStorage : public Storage {
 public:
  explicit ForwardingStorage(std::unique_ptr<Storage> inner) : inner_(std::move(inner)) {}

  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    return inner_->commit(group);
  }
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    return inner_->read_events(tenant, stream, after, limit);
  }
  StorageInfo info() const override { return inner_->info(); }
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
  Result<std::size_t> reclaim_jobs(WallTime expired_by, WallTime now, std::string_view reason,
                                   std::span<const std::uint64_t> spared) override {
    return inner_->reclaim_jobs(expired_by, now, reason, spared);
  }
  Result<std::optional<WallTime>> next_job_time(std::string_view kind, WallTime now) override {
    return inner_->next_job_time(kind, now);
  }
  Result<void> scrub() override { return inner_->scrub(); }
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

 protected:
  std::unique_ptr<Storage> inner_;
};

}  // namespace scena::test
