#include "engine/analytics/analytics_jobs.hpp"

#include <map>

#include "base/json.hpp"
#include "engine/analytics/analytics_rows.hpp"
#include "engine/core.hpp"

namespace scena::engine {
namespace {

constexpr std::size_t kRowsInCommit = 200;

// The next rows of that day out of the store and into the counts, as one commit; empty: none left.
// Rows and counts that changed since they were read are a conflict, and nothing is lost.
Result<Batch> count_rows(Storage& storage, const std::string& tenant, const std::string& until) {
  RecordQuery query;
  query.tenant = tenant;
  query.kind = kAnalyticsRow;
  query.limit = kRowsInCommit;
  query.where = {"until", until};
  const auto rows = storage.list(query);
  if (!rows) return rows.error();
  Batch batch;
  std::map<std::string, std::pair<AnalyticsCounts, std::uint64_t>> days;  // with its version
  for (const Record& record : *rows) {
    RecordWrite erase;
    erase.key = record.key;
    erase.expected_version = record.version;
    erase.erase = true;
    batch.records.push_back(std::move(erase));
    const auto facts = read_analytics_row(record);
    if (!facts) continue;  // nobody could ever read it
    RecordWrite counted;
    counted.key = {tenant, std::string(kAnalyticsCounted), record.key.id};
    counted.json = "{}";
    batch.records.push_back(std::move(counted));
    const AnalyticsCounts none = empty_counts(*facts);
    const RecordKey key = counts_key(tenant, none);
    auto day = days.find(key.id);
    if (day == days.end()) {
      const auto stored = storage.get(key);
      if (!stored) return stored.error();
      day = days.emplace(key.id, std::pair(none, std::uint64_t{0})).first;
      if (*stored) {
        auto counts = read_counts(**stored);
        if (!counts) return counts.error();
        day->second = {std::move(*counts), (*stored)->version};
      }
    }
    day->second.first.add(*facts);
  }
  for (const auto& [id, day] : days) {
    RecordWrite write;
    write.key = {tenant, std::string(kAnalyticsCounts), id};
    write.expected_version = day.second;
    write.json = counts_to_json(day.first);
    batch.records.push_back(std::move(write));
  }
  return batch;
}

// One attempt: commit after commit until no row is left.
class CountRows : public std::enable_shared_from_this<CountRows> {
 public:
  CountRows(std::shared_ptr<Core> core, std::string tenant, std::string until,
            std::shared_ptr<JobAnswer> answer, std::stop_token stop)
      : core_(core),
        host_(core->first_host()),
        tenant_(std::move(tenant)),
        until_(std::move(until)),
        answer_(std::move(answer)),
        stop_(std::move(stop)) {}

  void next() {
    const auto core = core_.lock();
    if (!core || stop_.stop_requested()) return;
    auto batch = count_rows(*core->storage(), tenant_, until_);
    if (!batch) return answer_->fail(batch.error().what());
    if (batch->records.empty()) return answer_->succeed("{}");
    auto submitted = host_.storage().submit(
        std::move(*batch), [self = shared_from_this()](const Result<void>& result) {
          if (!result) return self->answer_->fail(result.error().what());
          self->next();
        });
    if (!submitted) answer_->fail(submitted.error().what());
  }

 private:
  std::weak_ptr<Core> core_;
  LoopHost& host_;
  std::string tenant_;
  std::string until_;
  std::shared_ptr<JobAnswer> answer_;
  std::stop_token stop_;
};

class AnalyticsJobs final : public JobHandler {
 public:
  explicit AnalyticsJobs(std::weak_ptr<Core> core) : core_(std::move(core)) {}

  JobHandling handling() const override { return {.parallel = 1}; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const auto core = core_.lock();
    if (!core) return;
    const auto payload = parse_json(job.payload);
    if (!payload || !payload->is_object()) return answer->give_up("the job names no day");
    std::string until = payload->value("until", "");
    core->analytics().counting(job.tenant, until);
    std::make_shared<CountRows>(core, job.tenant, std::move(until), std::move(answer),
                                std::move(stop))
        ->next();
  }

 private:
  std::weak_ptr<Core> core_;
};

}  // namespace

std::shared_ptr<JobHandler> make_analytics_jobs(std::weak_ptr<Core> core) {
  return std::make_shared<AnalyticsJobs>(std::move(core));
}

}  // namespace scena::engine
