// What is told of many sessions: counts of stored ones, and whole batches.
#include <condition_variable>
#include <exception>
#include <mutex>
#include <scena/analytics.hpp>
#include <scena/batch.hpp>
#include <thread>

#include "engine.hpp"
#include "stop.hpp"

namespace scena::python {
namespace {

AnalyticsQuery analytics_query(const py::dict& given) {
  AnalyticsQuery query;
  const std::pair<const char*, std::string*> members[] = {{"preset", &query.preset},
                                                          {"character", &query.character},
                                                          {"from", &query.from},
                                                          {"to", &query.to},
                                                          {"owner", &query.owner}};
  for (const auto& [name, out] : members) {
    if (given.contains(name)) *out = utf8(given[name], name);
  }
  if (given.contains("distributions")) query.distributions = given["distributions"].cast<bool>();
  return query;
}

std::vector<AnalyticsBy> analytics_by(const py::handle& names) {
  std::vector<AnalyticsBy> made;
  for (const auto& name : texts_of(names, "by")) {
    const auto before = made.size();
    for (const AnalyticsBy one :
         {AnalyticsBy::preset, AnalyticsBy::character, AnalyticsBy::day, AnalyticsBy::month}) {
      if (name == to_string(one)) made.push_back(one);
    }
    if (made.size() == before)
      throw Error(ErrorCode::invalid_argument,
                  "\"by\" is a list of preset, character, day and month");
  }
  return made;
}

/// A batch that runs on a thread of its own, and what the calling thread hears of it: so that
/// Ctrl-C ends it, and that a progress bar is used by the thread that made the call.
class RunningBatch {
 public:
  RunningBatch(BatchPlan plan, BatchOptions options, std::shared_ptr<Stop> stop)
      : plan_(std::move(plan)), options_(std::move(options)), stop_(std::move(stop)) {
    options_.stop = stop_->source.get_token();
    options_.progress = [this](const BatchProgress& now) { hear(now); };
    thread_ = std::thread([this] { run(); });
  }
  ~RunningBatch() {
    stop_->source.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  RunningBatch(const RunningBatch&) = delete;
  RunningBatch& operator=(const RunningBatch&) = delete;

  /// Waits for something new, not longer than a tenth of a second. @return true once it has ended.
  bool wait(std::optional<BatchProgress>& news) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(100), [this] { return ended_ || news_; });
    news = std::exchange(news_, std::nullopt);
    return ended_;
  }
  BatchResult take() {
    thread_.join();
    if (failed_) std::rethrow_exception(failed_);
    return std::move(*result_);
  }

 private:
  void run() noexcept {
    try {
      result_.emplace(run_batch(plan_, options_));
    } catch (...) {
      failed_ = std::current_exception();
    }
    std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void hear(const BatchProgress& now) {
    std::lock_guard lock(mutex_);
    news_ = now;
    changed_.notify_all();
  }

  BatchPlan plan_;
  BatchOptions options_;
  std::shared_ptr<Stop> stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<BatchProgress> news_;
  bool ended_ = false;
  std::optional<BatchResult> result_;
  std::exception_ptr failed_;
  std::thread thread_;  // last: it uses the others
};

void tell(const py::object& progress, const BatchProgress& now) {
  progress(now.total, now.done, now.failed, now.running, text(now.cost.to_string()));
}

BatchResult run_with_progress(BatchPlan plan, BatchOptions options, std::shared_ptr<Stop> stop,
                              const py::object& progress) {
  const auto end = [](RunningBatch* running) {
    const ReleasedLock released;  // its threads may be about to call Python
    delete running;
  };
  const std::unique_ptr<RunningBatch, decltype(end)> running(
      new RunningBatch(std::move(plan), std::move(options), std::move(stop)), end);
  for (bool ended = false; !ended;) {
    std::optional<BatchProgress> news;
    ended = unlocked([&] { return running->wait(news); });
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (news && !progress.is_none()) tell(progress, *news);
  }
  return unlocked([&] { return running->take(); });
}

py::object batch(const py::object& plan_json, const Str& plan_folder, const std::string& config,
                 const py::dict& parts, const py::dict& given, const py::object& progress,
                 std::shared_ptr<Stop> stop) {
  auto plan = BatchPlan::from_json(utf8(plan_json, "plan"), plan_folder).value_or_throw();
  BatchOptions options;
  options.config = Config::from_json(config).value_or_throw();
  options.dependencies = [shared = dependencies_of(parts)] { return shared; };
  options.folder = utf8(given["folder"], "folder");
  options.workers = whole<unsigned>(given["workers"], "workers");
  options.retry_failed = given["retry_failed"].cast<bool>();
  const auto result =
      run_with_progress(std::move(plan), std::move(options), std::move(stop), progress);
  return Dict()
      .set("rows", rows_to_jsonl(result.rows))
      .set("groups", groups_to_json(group_rows(result.rows)))
      .set("left", static_cast<std::uint64_t>(result.left))
      .set("repeated", static_cast<std::uint64_t>(result.repeated))
      .set("stopped", result.stopped)
      .set("cost", result.cost.to_string())
      .take();
}

}  // namespace

void add_analytics(py::class_<PyEngine>& type) {
  type.def("analytics",
           [](PyEngine& self, const py::dict& given, const py::object& names) {
             const auto query = analytics_query(given);
             const auto by = analytics_by(names);
             const auto rows =
                 self.call([&](Engine& of) { return session_analytics(of, query, by); });
             return text(analytics_to_jsonl(rows, by));
           })
      .def("flow",
           [](PyEngine& self, const py::dict& given) {
             const auto query = analytics_query(given);
             return text(
                 flow_to_jsonl(self.call([&](Engine& of) { return session_flow(of, query); })));
           })
      .def("agreement", [](PyEngine& self, const py::dict& given) {
        const auto query = analytics_query(given);
        return text(
            agreement_to_jsonl(self.call([&](Engine& of) { return judge_agreement(of, query); })));
      });
}

void add_batch(py::module_& module) {
  module.def("run_batch", &batch);
}

}  // namespace scena::python
