#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/mortal_disk.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

// Session's end and job are one commit, and a job is done once: whatever commit is the last one.

using namespace scena;
using namespace scena::test;

namespace {

constexpr const char* kTalk = "talk";

void talk_to_its_end(Engine& engine) {
  SessionOptions options;
  options.id = kTalk;
  Session session = engine.create_session(conformance::two_in_a_room(), options);
  session.send_wait("Hello.");
  session.complete().get();
  for (int round = 0; round < 100; ++round) engine.poll();  // it is never idle on a dead disk
}

struct Seen {
  int completed = 0;
  int queued = 0;
  int stored = 0;
};

Seen events_in(Storage& disk) {
  Seen seen;
  const auto events = disk.read_events("default", "session:talk", 0, 1'000);
  for (const Event& event : *events) {
    if (event.type == "session.completed") ++seen.completed;
    if (event.type == "analysis.queued") ++seen.queued;
    if (event.type == "analysis.stored") ++seen.stored;
  }
  return seen;
}

// Until the analysis of the only session is there, or nothing moves any more.
void finish(Engine& engine, Storage& disk) {
  for (int round = 0; round < 100 && events_in(disk).stored == 0; ++round) {
    engine.poll();
    engine.run_until_idle();
  }
}

// Runs in the child: dies by a signal when the event of that type is there.
void die_at(const std::string& file, const std::string& type) {
  Config config = scripted();
  config.storage = "sqlite:" + file;
  config.durability = Durability::process;
  Engine engine = Engine::open(config);
  SessionOptions options;
  options.id = kTalk;
  Session session = engine.create_session(conformance::two_in_a_room(), options);
  session.send_wait("Hello.");
  Events events = session.events();
  events.on_ready([&] {
    Event event;
    while (events.next(event)) {
      if (event.type == type) ::kill(::getpid(), SIGKILL);
    }
  });
  session.complete().get();
  engine.run_until_idle();
}

}  // namespace

TEST_CASE("whatever commit is the last before a crash, a completed session gets one analysis") {
  bool completed_alone = false;
  bool stored_before = false;
  for (std::size_t commits = 1;; ++commits) {
    const auto disk = std::make_shared<MortalDisk>();
    disk->left = commits;
    Dependencies dependencies;
    dependencies.storage = disk;
    bool whole = true;
    try {
      Engine engine = Engine::open(scripted(), dependencies);
      talk_to_its_end(engine);
    } catch (const Error&) {
      whole = false;
    }
    const bool survived = whole && disk->left > 0;
    disk->left = SIZE_MAX;
    CAPTURE(commits);
    const Seen before = events_in(*disk);
    CHECK(before.completed == before.queued);
    completed_alone = completed_alone || (before.completed == 1 && before.stored == 0);
    stored_before = stored_before || before.stored == 1;
    Engine next = Engine::open(scripted(), dependencies);
    finish(next, *disk);
    next.run_until_idle();
    const Seen after = events_in(*disk);
    CHECK(after.queued == before.queued);
    CHECK(after.stored == after.queued);
    CHECK(next.jobs().list({.kind = "scena.analysis"}).jobs.size() ==
          static_cast<std::size_t>(after.queued));
    if (after.stored == 1) CHECK(next.session(kTalk).analysis().source == "offline");
    if (survived) break;
    REQUIRE(commits < 100);
  }
  CHECK(completed_alone);
  CHECK(stored_before);
}

TEST_CASE("kill -9 between a session's end and its analysis, or behind it, leaves exactly one") {
  for (const char* type : {"session.completed", "analysis.stored"}) {
    CAPTURE(type);
    TempFolder folder;
    const std::string file = folder.file("talks.db");
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      die_at(file, type);
      ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    Config config = scripted();
    config.storage = "sqlite:" + file;
    Engine engine = Engine::open(config);
    Session session = engine.session(kTalk);
    Events waiting = session.events();
    for (Event event; event.type != "analysis.stored";)
      REQUIRE(waiting.next_wait(event, std::chrono::seconds(10)));
    engine.run_until_idle();
    CHECK(session.analysis().source == "offline");
    Events events = session.events();
    int queued = 0, stored = 0;
    for (const Event& event : drain(engine, events)) {
      queued += event.type == "analysis.queued" ? 1 : 0;
      stored += event.type == "analysis.stored" ? 1 : 0;
    }
    CHECK(queued == 1);
    CHECK(stored == 1);
    const auto jobs = engine.jobs().list({.kind = "scena.analysis"}).jobs;
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].state == Job::State::done);
  }
}
