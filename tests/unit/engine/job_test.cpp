#include <doctest/doctest.h>

#include <thread>

#include "engine/jobs/job_delay.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "unit/engine/job_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

using Ids = std::vector<std::string>;

std::unique_ptr<Storage> empty_store() {
  return std::move(open_storage({.url = "memory:"})).value_or_throw();
}

Ids ids_of(const std::vector<Job>& jobs) {
  Ids ids;
  for (const auto& job : jobs) ids.push_back(job.id);
  return ids;
}

/// Refuses whatever ends a job, while it is told to.
class EndRefuser final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    for (const auto& batch : group) {
      for (const auto& job : batch.jobs) {
        if (refuse && job.op == JobWrite::Op::finish)
          return {group.size(), Error::fixed(ErrorCode::storage_full, "no room")};
      }
    }
    return inner_->commit(group);
  }
  bool refuse = false;
};

/// Gives the first error, then works.
class LateStore final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<std::size_t> reclaim_jobs(WallTime by, WallTime now, std::string_view reason,
                                   std::span<const std::uint64_t> spared) override {
    if (failures-- > 0) return Error::fixed(ErrorCode::unavailable, "not yet");
    return inner_->reclaim_jobs(by, now, reason, spared);
  }
  int failures = 2;
};

}  // namespace

TEST_CASE("jobs: a job is stored, done once, and its result is kept") {
  JobStage stage(succeed_at_once);
  Engine engine = stage.open();
  const auto made = engine.jobs().enqueue("mail", "hello").get();
  CHECK(made.state == Job::State::waiting);
  CHECK(made.max_attempts == 3);
  engine.run_until_idle();
  const auto done = engine.jobs().get(made.id);
  CHECK(done.state == Job::State::done);
  CHECK(done.result == "\"hello done\"");
  CHECK(done.attempts == 1);
  CHECK(engine.jobs().enqueue("mail", "again", named(made.id)).get().payload == "hello");
  engine.run_until_idle();
  CHECK(stage.handler->started.size() == 1);
}

TEST_CASE("jobs: a failed one is tried again with growing delays, then it is a dead letter") {
  std::vector<TimePoint> times;
  Engine* running = nullptr;
  JobStage stage([&](const Job&, JobAnswer& answer) {
    times.push_back(running->clock().now());
    answer.fail("the server was away");
  });
  Engine engine = stage.open();
  running = &engine;
  const auto id = engine.jobs().enqueue("mail", "").get().id;
  engine.advance(60s);
  REQUIRE(times.size() == 3);
  CHECK(times[1] - times[0] >= 500ms);
  CHECK(times[1] - times[0] <= 1'000ms);
  CHECK(times[2] - times[1] >= 1'000ms);
  CHECK(times[2] - times[1] <= 2'000ms);
  const auto dead = engine.jobs().list({.state = Job::State::dead});
  CHECK(ids_of(dead.jobs) == Ids{id});
  CHECK(dead.jobs[0].result == "the server was away");
  CHECK(engine.jobs().counts() == std::vector<JobCount>{{"mail", Job::State::dead, 1}});
  CHECK(engine.jobs().requeue(id).get().state == Job::State::waiting);
  engine.advance(60s);
  CHECK(times.size() == 6);
  CHECK(engine.jobs().get(id).state == Job::State::dead);
}

TEST_CASE(
    "jobs: virtual time goes to an attempt after a failed one, not to a job queued for later") {
  int tries = 0;
  std::optional<Session> session;
  JobStage stage([&](const Job& job, JobAnswer& answer) {
    if (job.id == "late" || ++tries < 3) return answer.fail("the server was away");
    session->annotate("sent", "{}");
    answer.succeed("sent");
  });
  Engine engine = stage.open();
  session = engine.create_session("job-interview");
  auto options = named("late");
  options.delay = 24h;
  engine.jobs().enqueue("mail", "", options).get();
  engine.jobs().enqueue("mail", "", named("now")).get();
  engine.run_until_idle();
  CHECK(tries == 1);
  CHECK(engine.clock().now() == TimePoint());
  Events events = session->events();
  Event event;
  while (event.type != "app.sent") REQUIRE(events.next_wait(event));
  CHECK(engine.clock().now() < TimePoint(4s));
  engine.run_until_idle();
  CHECK(engine.jobs().get("now").state == Job::State::done);
  CHECK_FALSE(events.next_wait(event, 10s));
  CHECK(engine.jobs().get("late").attempts == 0);
  CHECK(engine.clock().now() < TimePoint(1min));
}

TEST_CASE("jobs: the delay doubles up to its bound, and half of it is chance") {
  JobsConfig config;
  config.first_delay = 1s;
  config.longest_delay = 10s;
  CHECK(engine::job_delay(config, 1, 0) == 500ms);
  CHECK(engine::job_delay(config, 2, 0.5) == 1'500ms);
  CHECK(engine::job_delay(config, 3, 0) == 2s);
  CHECK(engine::job_delay(config, 9, 0) == 5s);
  CHECK(engine::job_delay(config, 1'000'000, 0) == 5s);
  CHECK(engine::job_delay(config, -1, 0) == 500ms);
}

TEST_CASE("jobs: giving up and a handler that throws or lets go of its answer") {
  JobStage stage([](const Job& job, JobAnswer& answer) {
    if (job.payload == "give up") return answer.give_up("nobody lives there");
    if (job.payload == "throw") throw 7;
  });
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "give up", named("a"));
  engine.jobs().enqueue("mail", "throw", named("b"));
  engine.jobs().enqueue("mail", "let go", named("c"));
  engine.run_until_idle();
  CHECK(engine.jobs().get("a").state == Job::State::dead);
  CHECK(engine.jobs().get("a").attempts == 1);
  CHECK(engine.jobs().get("b").state == Job::State::waiting);
  CHECK(engine.jobs().get("b").result == "the handler threw an exception");
  CHECK(engine.jobs().get("c").result == "the handler gave no answer");
}

TEST_CASE("jobs: priority first, then age, and none before its time") {
  JobStage stage(succeed_at_once, {.parallel = 1});
  Engine engine = stage.open();
  auto options = named("low");
  engine.jobs().enqueue("mail", "", options);
  options = named("late");
  options.priority = 9;
  options.delay = 5s;
  engine.jobs().enqueue("mail", "", options);
  options = named("high");
  options.priority = 5;
  engine.jobs().enqueue("mail", "", options).get();
  engine.run_until_idle();
  CHECK(stage.handler->started == Ids{"high#1", "low#1"});
  engine.advance(4s);
  CHECK(stage.handler->started.size() == 2);
  engine.advance(1s);
  CHECK(stage.handler->started.back() == "late#1");
}

TEST_CASE("jobs: those of a key run one after the other, a joined one once") {
  JobStage stage;
  Engine engine = stage.open();
  const auto add = [&](const char* id, const char* key, bool join = false) {
    auto options = named(id);
    options.key = key;
    options.join = join;
    return engine.jobs().enqueue("mail", "", options).get().id;
  };
  add("a1", "a");
  add("a2", "a");
  add("b1", "b");
  poll_some(engine);
  CHECK(stage.handler->started == Ids{"a1#1", "b1#1"});
  CHECK(add("b2", "b", true) == "b1");
  stage.handler->answers[0]->fail("not now");
  engine.advance(900ms);
  CHECK(stage.handler->started.size() >= 2);
  CHECK(engine.jobs().get("a2").attempts == 0);
  engine.advance(200ms);
  CHECK(stage.handler->started.back() == "a1#2");
  stage.handler->answers.back()->succeed("");
  engine.advance(1ms);
  CHECK(stage.handler->started.back() == "a2#1");
}

TEST_CASE("jobs: cancelling ends one that waits, and asks one that runs to stop") {
  JobStage stage({}, {.parallel = 1});
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "", named("runs"));
  engine.jobs().enqueue("mail", "", named("waits")).get();
  poll_some(engine);
  REQUIRE(stage.handler->started == Ids{"runs#1"});
  CHECK(engine.jobs().cancel("waits").get().state == Job::State::cancelled);
  CHECK(engine.jobs().cancel("runs").get().state == Job::State::cancelled);
  engine.run_until_idle();
  CHECK(stage.handler->stops[0].stop_requested());
  stage.handler->answers[0]->succeed("late");
  engine.run_until_idle();
  CHECK(engine.jobs().get("runs").result.empty());
  CHECK(engine.stats().jobs_running == 0);
  CHECK(code_of([&] { engine.jobs().cancel("nobody").get(); }) == ErrorCode::not_found);
  engine.jobs().enqueue("mail", "", named("next")).get();
  poll_some(engine);
  CHECK(stage.handler->started.back() == "next#1");
  CHECK(code_of([&] { engine.jobs().requeue("next").get(); }) == ErrorCode::conflict);
}

TEST_CASE("jobs: an attempt that takes too long has failed") {
  JobStage stage({}, {.time_limit = 30s});
  Engine engine = stage.open();
  const auto id = engine.jobs().enqueue("mail", "").get().id;
  engine.advance(29s);
  CHECK_FALSE(stage.handler->stops.at(0).stop_requested());
  engine.advance(1s);
  CHECK(stage.handler->stops.at(0).stop_requested());
  CHECK(engine.jobs().get(id).result == "the handler did not answer in time");
  stage.handler->answers[0]->succeed("late");
  engine.run_until_idle();
  CHECK(engine.jobs().get(id).state == Job::State::waiting);
}

TEST_CASE("jobs: the longest time limit is none") {
  JobStage stage({}, {.time_limit = std::chrono::milliseconds::max()});
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "", named("long")).get();
  poll_some(engine);
  engine.advance(24h);
  CHECK(stage.handler->started == Ids{"long#1"});
  REQUIRE(stage.handler->answers.size() == 1);
  CHECK_FALSE(stage.handler->stops[0].stop_requested());
  stage.handler->answers[0]->succeed("sent");
  engine.run_until_idle();
  CHECK(engine.jobs().get("long").state == Job::State::done);
}

TEST_CASE("jobs: a wall clock that jumps ahead starts nothing twice that runs here") {
  JobStage stage;
  Engine engine = stage.open();
  auto options = named("runs");
  options.key = "anna";
  engine.jobs().enqueue("mail", "", options).get();
  poll_some(engine);
  REQUIRE(stage.handler->started == Ids{"runs#1"});
  stage.clock->jump_wall(24h);
  engine.advance(2min);
  engine.jobs().enqueue("mail", "", named("other")).get();
  poll_some(engine);
  CHECK(stage.handler->started == Ids{"runs#1", "other#1"});
  CHECK(engine.stats().jobs_running == 2);
  for (const auto& answer : stage.handler->answers) answer->succeed("sent");
  engine.run_until_idle();
  CHECK(engine.stats().jobs_running == 0);
  CHECK(engine.jobs().counts() == std::vector<JobCount>{{"mail", Job::State::done, 2}});
}

TEST_CASE("jobs: an attempt whose job the store gives again is let go") {
  JobStage stage({}, {.parallel = 2});
  stage.storage = empty_store();
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "", named("a")).get();
  poll_some(engine);
  REQUIRE(stage.handler->started == Ids{"a#1"});
  REQUIRE(stage.storage->reclaim_jobs(WallTime::max(), {}, "taken by another", {}).value() == 1);
  engine.jobs().enqueue("mail", "", named("b")).get();
  poll_some(engine);
  CHECK(stage.handler->started == Ids{"a#1", "a#2", "b#1"});
  CHECK(stage.handler->stops[0].stop_requested());
  CHECK(engine.stats().jobs_running == 2);
  for (const auto& answer : stage.handler->answers) answer->succeed("sent");
  engine.run_until_idle();
  CHECK(engine.stats().jobs_running == 0);
  CHECK(engine.jobs().counts() == std::vector<JobCount>{{"mail", Job::State::done, 2}});
}

TEST_CASE("jobs: a wall clock that goes back holds up neither a retry nor what waits behind it") {
  JobStage stage([](const Job& job, JobAnswer& answer) {
    if (job.id == "a" && job.attempts == 1) return answer.fail("away");
    answer.succeed("sent");
  });
  Engine engine = stage.open();
  for (const char* id : {"a", "b"}) {
    auto options = named(id);
    options.key = "anna";
    engine.jobs().enqueue("mail", "", options).get();
  }
  auto later = named("later");
  later.delay = 10min;
  engine.jobs().enqueue("mail", "", later).get();
  poll_some(engine);
  REQUIRE(stage.handler->started == Ids{"a#1"});
  stage.clock->jump_wall(-1h);
  engine.advance(2s);
  CHECK(stage.handler->started == Ids{"a#1", "a#2", "b#1"});
}

TEST_CASE("jobs: a full queue refuses or drops the oldest, and both are counted") {
  JobStage stage({}, {.parallel = 1});
  stage.config.jobs.max_open = 2;
  stage.storage = empty_store();
  {
    Engine engine = stage.open();
    engine.jobs().enqueue("mail", "", named("a")).get();
    engine.jobs().enqueue("mail", "", named("b")).get();
    CHECK(code_of([&] { engine.jobs().enqueue("mail", "", named("c")).get(); }) ==
          ErrorCode::overloaded);
    CHECK(engine.stats().jobs_refused == 1);
    CHECK(code_of([&] { engine.jobs().get("c"); }) == ErrorCode::not_found);
  }
  stage.config.jobs.when_full = WhenFull::drop_oldest;
  Engine engine = stage.open();
  poll_some(engine);
  engine.jobs().enqueue("mail", "", named("d")).get();
  CHECK(ids_of(engine.jobs().list({.state = Job::State::dropped}).jobs) == Ids{"b"});
  CHECK(engine.jobs().get("d").state != Job::State::dropped);
}

TEST_CASE("jobs: pages in the order of enqueue") {
  JobStage stage;
  Engine engine = stage.open();
  for (int i = 0; i < 5; ++i)
    engine.jobs().enqueue("mail", "", named("j" + std::to_string(i))).get();
  auto page = engine.jobs().list({.limit = 3});
  CHECK(ids_of(page.jobs) == Ids{"j0", "j1", "j2"});
  page = engine.jobs().list({.after = page.next, .limit = 3});
  CHECK(ids_of(page.jobs) == Ids{"j3", "j4"});
  CHECK(page.next == 0);
  for (int i = 5; i < 101; ++i)
    engine.jobs().enqueue("mail", "", named("j" + std::to_string(i))).get();
  CHECK(engine.jobs().list().jobs.size() == 100);
  CHECK(engine.jobs().list({.limit = 0}).jobs.size() == 100);
}

TEST_CASE("jobs: they belong to the host, tenant by tenant") {
  JobStage stage(succeed_at_once);
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "", named("ours")).get();
  Principal user;
  user.subject = "anna";
  const auto denied = ErrorCode::permission_denied;
  Jobs hers = engine.as(user).jobs();
  CHECK(code_of([&] { hers.enqueue("mail", ""); }) == denied);
  CHECK(code_of([&] { hers.get("ours"); }) == denied);
  CHECK(code_of([&] { hers.list(); }) == denied);
  CHECK(code_of([&] { hers.cancel("ours"); }) == denied);
  CHECK(code_of([&] { hers.requeue("ours"); }) == denied);
  CHECK(code_of([&] { hers.counts(); }) == denied);
  Jobs others = engine.as(Principal::host("other")).jobs();
  CHECK(code_of([&] { others.get("ours"); }) == ErrorCode::not_found);
  CHECK(code_of([&] { others.cancel("ours").get(); }) == ErrorCode::not_found);
  CHECK(others.list().jobs.empty());
  CHECK(others.counts().empty());
}

TEST_CASE("jobs: what cannot be done is refused before it is stored") {
  JobStage stage;
  Engine engine = stage.open();
  Jobs jobs = engine.jobs();
  CHECK(code_of([&] { jobs.enqueue("post", ""); }) == ErrorCode::not_found);
  CHECK_THROWS_WITH(
      jobs.enqueue("post", ""),
      "jobs: the kind \"post\" has no handler; give the engine a job handler of that kind");
  CHECK(code_of([&] { jobs.enqueue("scena.analysis", ""); }) == ErrorCode::not_found);
  CHECK(code_of([&] { jobs.enqueue("mail", "\xFF"); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { jobs.enqueue("mail", std::string((1u << 20) + 1, 'x')); }) ==
        ErrorCode::invalid_argument);
  JobOptions join;
  join.join = true;
  CHECK(code_of([&] { jobs.enqueue("mail", "", join); }) == ErrorCode::invalid_argument);
  JobOptions negative;
  negative.delay = -1ms;
  CHECK(code_of([&] { jobs.enqueue("mail", "", negative); }) == ErrorCode::invalid_argument);
  JobOptions never;
  never.delay = std::chrono::milliseconds::max();
  CHECK(code_of([&] { jobs.enqueue("mail", "", never); }) == ErrorCode::invalid_argument);
  CHECK(jobs.list().jobs.empty());
  for (const auto* kind : {"", "with space", "scena.mine"}) {
    Dependencies dependencies;
    dependencies.job_handlers[kind] = stage.handler;
    CHECK(code_of([&] { Engine::open(stage.config, dependencies); }) ==
          ErrorCode::invalid_argument);
  }
}

TEST_CASE("jobs: an engine that closes leaves its jobs to the next, three starts at most") {
  JobStage stage;
  stage.storage = empty_store();
  {
    Engine engine = stage.open();
    engine.jobs().enqueue("mail", "", named("a")).get();
    poll_some(engine);
  }
  CHECK(stage.handler->stops.at(0).stop_requested());
  stage.handler->answers.at(0)->succeed("after the end");
  for (int i = 0; i < 4; ++i) {
    Engine engine = stage.open();
    poll_some(engine);
  }
  CHECK(stage.handler->started == Ids{"a#1", "a#2", "a#3"});
  Engine engine = stage.open();
  engine.run_until_idle();
  CHECK(engine.jobs().get("a").state == Job::State::dead);
  CHECK(engine.jobs().get("a").result == "the engine ended while the job ran");
}

TEST_CASE("jobs: an engine that is told to run none stores its own and leaves all to others") {
  JobStage stage(succeed_at_once);
  stage.storage = empty_store();
  {
    stage.config.jobs.run = false;
    Engine engine = stage.open();
    engine.jobs().enqueue("mail", "x", named("a")).get();
    engine.run_until_idle();
    CHECK(engine.jobs().get("a").state == Job::State::waiting);
    CHECK(engine.jobs().get("a").attempts == 0);
  }
  CHECK(stage.handler->started.empty());
  stage.config.jobs.run = true;
  Engine engine = stage.open();
  engine.run_until_idle();
  CHECK(stage.handler->started == Ids{"a#1"});
  CHECK(engine.jobs().get("a").state == Job::State::done);
}

TEST_CASE("jobs: whoever waits until nothing is left waits for what an engine before left behind") {
  JobStage stage;
  stage.storage = empty_store();
  {
    Engine engine = stage.open();
    engine.jobs().enqueue("mail", "x", named("a")).get();
    poll_some(engine);
  }
  REQUIRE(stage.handler->started == Ids{"a#1"});
  stage.handler = std::make_shared<TestHandler>(succeed_at_once);
  Engine engine = stage.open();
  engine.run_until_idle();
  CHECK(engine.jobs().get("a").state == Job::State::done);
}

TEST_CASE("jobs: the end of an attempt waits for a store that is full") {
  JobStage stage(succeed_at_once);
  auto store = std::make_shared<EndRefuser>(empty_store());
  stage.storage = store;
  Engine engine = stage.open();
  store->refuse = true;
  engine.jobs().enqueue("mail", "x", named("a")).get();
  engine.run_until_idle();  // which does not wait for the store, that may stay full for ever
  CHECK(engine.jobs().get("a").state == Job::State::running);
  engine.advance(10s);
  CHECK(engine.jobs().get("a").state == Job::State::running);
  engine.jobs().enqueue("mail", "x", named("b")).get();
  engine.run_until_idle();
  engine.jobs().cancel("b").get();
  engine.run_until_idle();
  CHECK(engine.jobs().get("b").state == Job::State::cancelled);
  store->refuse = false;
  engine.advance(60s);
  CHECK(engine.jobs().get("a").state == Job::State::done);
  CHECK(stage.handler->started == Ids{"a#1", "b#1"});
}

TEST_CASE("jobs: a store that cannot be asked at first is asked again") {
  JobStage stage(succeed_at_once);
  stage.storage = std::make_shared<LateStore>(empty_store());
  Engine engine = stage.open();
  engine.jobs().enqueue("mail", "x", named("a")).get();
  engine.run_until_idle();
  CHECK(stage.handler->started.empty());
  engine.advance(10s);
  CHECK(stage.handler->started == Ids{"a#1"});
}

TEST_CASE("jobs: those of a session go when it is deleted, ended ones after their time") {
  JobStage stage(succeed_at_once);
  stage.config.jobs.keep_done = 60s;
  Engine engine = stage.open();
  auto session = engine.create_session("job-interview");
  auto options = named("mine");
  options.session = std::string(session.id());
  options.delay = 1h;
  engine.jobs().enqueue("mail", "", options).get();
  engine.jobs().enqueue("mail", "", named("done")).get();
  session.remove().get();
  CHECK(code_of([&] { engine.jobs().get("mine"); }) == ErrorCode::not_found);
  engine.advance(61s);
  CHECK(engine.jobs().get("done").state == Job::State::done);
  engine.jobs().enqueue("mail", "", named("new")).get();
  engine.run_until_idle();
  CHECK(code_of([&] { engine.jobs().get("done"); }) == ErrorCode::not_found);
}

TEST_CASE("jobs: with threads of the engine's own, answers come from foreign threads") {
  std::mutex mutex;
  std::vector<std::thread> threads;
  class Later final : public JobHandler {
   public:
    Later(std::mutex& mutex, std::vector<std::thread>& threads)
        : mutex_(mutex), threads_(threads) {}
    void run(const Job&, std::shared_ptr<JobAnswer> answer, std::stop_token) override {
      std::lock_guard lock(mutex_);
      threads_.emplace_back([answer = std::move(answer)] { answer->succeed("later"); });
    }

   private:
    std::mutex& mutex_;
    std::vector<std::thread>& threads_;
  };
  Config config;
  config.threads = 2;
  Dependencies dependencies;
  dependencies.job_handlers["mail"] = std::make_shared<Later>(mutex, threads);
  Engine engine = Engine::open(config, dependencies);
  for (int i = 0; i < 50; ++i)
    engine.jobs().enqueue("mail", "", named("j" + std::to_string(i))).get();
  engine.run_until_idle();
  CHECK(engine.jobs().counts() == std::vector<JobCount>{{"mail", Job::State::done, 50}});
  for (auto& thread : threads) thread.join();
}
