#include "contract/storage_contract.hpp"

#include <doctest/doctest.h>

#include "storage/registry.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using contract::run_storage_contract;

namespace {

using Names = std::vector<std::string>;

std::unique_ptr<Storage> open(const std::string& url) {
  return std::move(open_storage({.url = url})).value_or_throw();
}

/// What a host writes: its own subclass, here around another store.
class HostStorage : public Storage {
 public:
  explicit HostStorage(std::unique_ptr<Storage> inner) : inner_(std::move(inner)) {}

  StorageInfo info() const override { return inner_->info(); }
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    return inner_->commit(group);
  }
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    return inner_->read_events(tenant, stream, after, limit);
  }
  Result<void> scrub() override { return inner_->scrub(); }
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

/// Keeps the first half of a group that has a conflict, and stops there.
class HalfCommit final : public HostStorage {
 public:
  using HostStorage::HostStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    std::vector<Result<void>> results;
    bool failed = false;
    for (const auto& batch : group) {
      results.push_back(failed ? Result<void>(Error::fixed(ErrorCode::conflict, "stopped"))
                               : inner_->commit({&batch, 1})[0]);
      failed = failed || !results.back();
    }
    return results;
  }
};

/// Loses the first event of every page.
class HolePages final : public HostStorage {
 public:
  using HostStorage::HostStorage;
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    return inner_->read_events(tenant, stream, after + 1, limit);
  }
};

}  // namespace

TEST_CASE("memory: keeps the storage contract") {
  CHECK(run_storage_contract({[] { return open("memory:"); }, {}}) == Names{});
}

TEST_CASE("sqlite: keeps the storage contract, in both durabilities") {
  test::TempFolder folder;
  int number = 0;
  for (auto durability : {Durability::power, Durability::process}) {
    auto reopen = [&] {
      const auto url = "sqlite:" + folder.file(std::to_string(number) + ".db");
      return std::move(open_storage({.url = url, .durability = durability})).value_or_throw();
    };
    CHECK(run_storage_contract({[&] { return ++number, reopen(); }, reopen}) == Names{});
  }
}

TEST_CASE("a host's own storage runs through the contract") {
  CHECK(run_storage_contract({[] { return std::make_unique<HostStorage>(open("memory:")); }, {}}) ==
        Names{});
}

TEST_CASE("the contract finds a store that gives up a group at its first conflict") {
  const auto broken =
      run_storage_contract({[] { return std::make_unique<HalfCommit>(open("memory:")); }, {}});
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].starts_with("a conflict leaves the rest of the group alone"));
}

TEST_CASE("the contract finds a store that loses events of a page") {
  CHECK(run_storage_contract({[] { return std::make_unique<HolePages>(open("memory:")); }, {}})
            .size() >= 3);
}
