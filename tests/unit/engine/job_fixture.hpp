#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <scena/engine.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "unit/engine/engine_fixture.hpp"

namespace scena::test {

/// A handler that notes its jobs, and answers by a function or keeps the answers for later.
class TestHandler final : public JobHandler {
 public:
  using Do = std::function<void(const Job&, JobAnswer&)>;
  explicit TestHandler(Do work = {}, JobHandling handling = {})
      : work_(std::move(work)), handling_(handling) {}

  JobHandling handling() const override { return handling_; }
  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    started.push_back(job.id + "#" + std::to_string(job.attempts));
    stops.push_back(stop);
    if (work_) return work_(job, *answer);
    answers.push_back(std::move(answer));
  }

  std::vector<std::string> started;
  std::vector<std::stop_token> stops;
  std::vector<std::shared_ptr<JobAnswer>> answers;

 private:
  Do work_;
  JobHandling handling_;
};

inline void succeed_at_once(const Job& job, JobAnswer& answer) {
  answer.succeed("\"" + job.payload + " done\"");
}

/// Engines over one store and one handler of the kind "mail", on the virtual clock.
struct JobStage {
  explicit JobStage(TestHandler::Do work = {}, JobHandling handling = {})
      : handler(std::make_shared<TestHandler>(std::move(work), handling)) {
    config = scripted();
    config.jobs.first_delay = std::chrono::milliseconds(1'000);
  }

  Engine open() {
    Dependencies dependencies;
    dependencies.storage = storage;
    dependencies.clock = clock;
    dependencies.job_handlers["mail"] = handler;
    return Engine::open(config, std::move(dependencies));
  }

  Config config;
  std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
  std::shared_ptr<Storage> storage;
  std::shared_ptr<TestHandler> handler;
};

/// Enough for whatever is due, without a step of time.
inline void poll_some(Engine& engine) {
  for (int i = 0; i < 20; ++i) engine.poll();
}

inline JobOptions named(std::string id) {
  JobOptions options;
  options.id = std::move(id);
  return options;
}

}  // namespace scena::test
