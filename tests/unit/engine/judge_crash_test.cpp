#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/registry.hpp"
#include "support/mortal_disk.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/judge_fixture.hpp"

// Message and job are one commit, books and opinion another: whatever commit is the last one.

using namespace scena;
using namespace scena::test;

namespace {

std::size_t judge_events_in(Storage& disk, std::string_view type) {
  const auto events = disk.read_events("default", "session:talk", 0, 1'000);
  return static_cast<std::size_t>(std::count_if(
      events->begin(), events->end(), [&](const Event& event) { return event.type == type; }));
}

// What calls of the judge are booked with; each reservation of one must be settled.
Money judge_cost_in(Storage& disk) {
  Money cost;
  int open = 0;
  const auto events = disk.read_events("default", "session:talk", 0, 1'000);
  for (const Event& event : *events) {
    const Json data = data_of(event);
    if (data.value("purpose", "") != "judge") continue;
    open += event.type == "budget.reserved" ? 1 : -1;
    if (event.type == "budget.settled") cost += *Money::parse(data.value("cost", ""));
  }
  CHECK(open == 0);
  return cost;
}

void talk_unsure(Engine& engine) {
  SessionOptions options;
  options.id = "talk";
  Session session = engine.create_session(conformance::two_in_a_room(), options);
  session.prompt().wait();
  session.send(kUnsure, {.reply = false}).wait_accepted();
  for (int round = 0; round < 100; ++round) engine.poll();  // it is never idle on a dead disk
}

// Runs in the child: dies by a signal when the judge was asked, or its opinion is there.
void die_judging(const std::string& file, bool when_asked) {
  Config config = judged_config();
  config.storage = "sqlite:" + file;
  config.durability = Durability::process;
  JudgeStage stage(config);
  stage.judge->answers = {opinion("more or less")};
  if (when_asked) stage.judge->asked = [] { ::kill(::getpid(), SIGKILL); };
  SessionOptions options;
  options.id = "talk";
  Session session = stage.engine->create_session(conformance::two_in_a_room(), options);
  session.prompt().wait();
  Events events = session.events();
  events.on_ready([&] {
    Event event;
    while (events.next(event)) {
      if (event.type == "metrics.judged") ::kill(::getpid(), SIGKILL);
    }
  });
  session.send(kUnsure, {.reply = false}).wait_accepted();
  stage.engine->run_until_idle();
}

}  // namespace

TEST_CASE("whatever commit is the last before a crash, an unsure message gets one opinion") {
  bool queued_alone = false;
  for (std::size_t commits = 1;; ++commits) {
    CAPTURE(commits);
    const auto disk = std::make_shared<MortalDisk>();
    disk->left = commits;
    bool whole = true;
    try {
      JudgeStage stage(judged_config(), disk);
      stage.judge->answers = {opinion("more or less")};
      talk_unsure(*stage.engine);
    } catch (const Error&) {
      whole = false;
    }
    const bool survived = whole && disk->left > 0;
    disk->left = SIZE_MAX;
    const std::size_t queued = judge_events_in(*disk, "judge.queued");
    queued_alone = queued_alone || (queued == 1 && judge_events_in(*disk, "metrics.judged") == 0);
    JudgeStage next(judged_config(), disk);
    next.judge->answers = {opinion("more or less")};
    for (int round = 0; round < 100; ++round) {
      next.engine->poll();
      next.engine->run_until_idle();
    }
    CHECK(judge_events_in(*disk, "judge.queued") == queued);
    CHECK(judge_events_in(*disk, "metrics.judged") == queued);
    CHECK(judge_events_in(*disk, "judge.failed") == 0);
    if (queued == 1) CHECK(next.engine->session("talk").info().cost == judge_cost_in(*disk));
    if (survived) break;
    REQUIRE(commits < 100);
  }
  CHECK(queued_alone);
}

TEST_CASE("kill -9 while a message is judged, or behind it, leaves exactly one opinion") {
  for (const bool when_asked : {true, false}) {
    CAPTURE(when_asked);
    TempFolder folder;
    const std::string file = folder.file("talks.db");
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      die_judging(file, when_asked);
      ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    Config config = judged_config();
    config.storage = "sqlite:" + file;
    JudgeStage stage(config);
    stage.judge->answers = {opinion("more or less")};
    Session session = stage.engine->session("talk");
    Events waiting = session.events();
    for (Event event; event.type != "metrics.judged";)
      REQUIRE(waiting.next_wait(event, std::chrono::seconds(10)));
    stage.engine->run_until_idle();
    CHECK(stage.judge->requests.size() == (when_asked ? 1 : 0));
    CHECK(session.messages().back().judged.size() == 1);
    CHECK(stage.events(session, "metrics.judged").size() == 1);
    const auto jobs = stage.engine->jobs().list({.kind = "scena.judge"}).jobs;
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].state == Job::State::done);
    // The request that the crash cut is booked as an estimate.
    Json estimate;
    for (const Event& event : stage.events(session, "budget.settled")) {
      if (data_of(event).at("estimated") == true) estimate = data_of(event);
    }
    if (when_asked) CHECK(estimate.at("purpose") == "judge");
  }
}
