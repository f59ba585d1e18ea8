#include <doctest/doctest.h>

#include <scena/analytics.hpp>

#include "base/clock.hpp"
#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

using namespace std::chrono_literals;
constexpr auto kDay = 24h;

void talk_once(Engine& engine, const char* feedback) {
  Session session = engine.create_session("job-interview");
  session.send_wait("Good morning.");
  if (*feedback != 0) session.annotate("feedback", feedback).get();
  session.complete().get();
  engine.run_until_idle();
}

// Documents of a kind, read from a file by another store.
std::size_t documents(const std::string& storage, const char* kind) {
  Config config = scripted();
  config.storage = storage;
  config.storage_read_only = true;
  Engine reader = Engine::open(config);
  // Rows can be read by a question about them alone: it has the humans' ids, which counts have not.
  std::uint64_t found = 0;
  for (const auto& row : session_analytics(reader, {.character = kind})) found += row.sessions;
  return found;
}

/// Counts how often rows are looked for.
class RowReads final : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  Result<std::optional<Record>> get(const RecordKey& key) override {
    if (key.kind == "analytics") ++reads;
    return inner_->get(key);
  }
  int reads = 0;
};

std::size_t waiting_jobs(Engine& engine) {
  return engine.jobs().list({.kind = "scena.analytics", .state = Job::State::waiting}).jobs.size();
}

}  // namespace

TEST_CASE("with analytics switched off no row is written, and nothing waits to take one away") {
  Config config = scripted();
  config.analytics.enabled = false;
  Engine engine = Engine::open(config);
  talk_once(engine, R"({"satisfied":true})");
  CHECK(session_analytics(engine).at(0).sessions == 0);
  CHECK(session_flow(engine).empty());
  CHECK(engine.jobs().counts() == std::vector<JobCount>{{"scena.analysis", Job::State::done, 1}});
  CHECK(engine.sessions().sessions.size() == 1);  // the conversation itself is kept
}

TEST_CASE("on day 31 the rows are gone, and the counts stay") {
  const TempFolder folder;
  for (const std::string& storage : {std::string("memory:"), "sqlite:" + folder.file("talks.db")}) {
    CAPTURE(storage);
    Config config = scripted();
    config.storage = storage;
    config.storage_thread = StorageThread::off;
    Engine engine = Engine::open(config);
    talk_once(engine, R"({"satisfied":true,"rating":5})");
    talk_once(engine, R"({"satisfied":false,"rating":2})");
    const std::vector<AnalyticsBy> by{AnalyticsBy::preset, AnalyticsBy::day};
    const auto before = session_analytics(engine, {}, by);
    REQUIRE(before.size() == 1);
    CHECK(before[0].sessions == 2);
    CHECK(before[0].rating.value == 3.5);
    CHECK_FALSE(session_flow(engine).empty());
    CHECK(waiting_jobs(engine) == 1);  // one for the day, not one for each session

    engine.advance(30 * kDay);
    CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 2);
    engine.advance(kDay);
    engine.run_until_idle();
    CHECK(waiting_jobs(engine) == 0);
    CHECK(session_analytics(engine, {}, by) == before);
    CHECK(session_flow(engine).empty());
    // The ids of humans are not kept; those of characters are.
    CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 0);
    CHECK(session_analytics(engine, {.character = "interviewer"}).at(0).sessions == 2);
  }
}

TEST_CASE("a later day is added to the counts of its own, and both are told together") {
  Engine engine = Engine::open(scripted());
  talk_once(engine, R"({"rating":5})");
  engine.advance(kDay);
  talk_once(engine, R"({"rating":1})");
  const auto before = session_analytics(engine, {}, {AnalyticsBy::day});
  REQUIRE(before.size() == 2);
  engine.advance(30 * kDay);
  engine.run_until_idle();
  CHECK(session_analytics(engine, {}, {AnalyticsBy::day}) == before);  // one counted, one a row
  CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 1);
  engine.advance(kDay);
  engine.run_until_idle();
  CHECK(session_analytics(engine, {}, {AnalyticsBy::day}) == before);
  CHECK(session_analytics(engine).at(0).rating.value == 3);
  CHECK(session_analytics(engine, {.from = before[1].group[0]}).at(0).sessions == 1);
}

TEST_CASE("a session is counted once, as it stood when its time was over") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("Good morning.");
  engine.advance(31 * kDay);
  engine.run_until_idle();
  CHECK(session_analytics(engine).at(0).completed == 0);
  session.complete().get();
  engine.run_until_idle();
  const auto row = session_analytics(engine).at(0);
  CHECK(row.sessions == 1);
  CHECK(row.completed == 0);
  CHECK(engine.rebuild(session.id()));  // makes no row of it either
  CHECK(session_analytics(engine).at(0).sessions == 1);
}

TEST_CASE("the rows of an engine that ended are taken away by the next one") {
  const TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("talks.db");
  {
    Engine engine = Engine::open(config);
    talk_once(engine, "");
    Session open = engine.create_session("job-interview");
    open.remove().get();  // a deleted session has no row
  }
  CHECK(documents(config.storage, "candidate") == 1);
  Engine engine = Engine::open(config);
  engine.advance(32 * kDay);
  engine.run_until_idle();
  CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 0);
  CHECK(session_analytics(engine).at(0).sessions == 1);
}

TEST_CASE("a fork and an imported session have rows of their own") {
  Engine engine = Engine::open(scripted());
  Session session = engine.create_session("job-interview");
  session.send_wait("Good morning.");
  session.annotate("feedback", R"({"satisfied":true})").get();
  session.fork().get();
  CHECK(session_analytics(engine).at(0).sessions == 2);
  CHECK(session_analytics(engine).at(0).satisfied.count == 1);  // it was told of one of them
  Config config = scripted();
  Engine other = Engine::open(config);
  other.import_session(engine.export_session(session.id(), ExportFormat::json));
  CHECK(session_analytics(other).at(0).sessions == 1);
  CHECK(session_analytics(other).at(0).satisfied.count == 1);
  CHECK(other.rebuild(session.id()));
}

TEST_CASE("more rows than one commit takes away are all counted") {
  Config config = scripted();
  config.analysis.on_completion = false;
  config.analytics.retention_days = 1;
  Engine engine = Engine::open(config);
  for (int i = 0; i < 450; ++i) engine.create_session("job-interview");
  engine.advance(2 * kDay);
  engine.run_until_idle();
  CHECK(session_analytics(engine).at(0).sessions == 450);
  CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 0);
  config.analytics.retention_days = 0;
  CHECK(code_of([&] { Engine::open(config); }) == ErrorCode::invalid_argument);
}

TEST_CASE("steps that people name do not grow a day's counts without bound") {
  Config config = scripted();
  config.analysis.on_completion = false;
  config.analytics.retention_days = 1;
  Engine engine = Engine::open(config);
  for (int i = 0; i < 2; ++i) {
    Session session = engine.create_session("job-interview");
    for (int k = 0; k < 90; ++k)
      session.flag_escape({.step = "step " + std::to_string(100 * i + k)}).get();
  }
  engine.advance(2 * kDay);
  engine.run_until_idle();
  const auto escapes = session_analytics(engine).at(0).escapes;
  std::uint64_t all = 0;
  for (const auto& [step, times] : escapes) all += times;
  CHECK(all == 180);
  CHECK(escapes.size() <= 101);
  CHECK(escapes.at("other") >= 80);
}

TEST_CASE("the row of an imported session goes, though nothing else wakes its job") {
  Config config = scripted();
  config.analysis.on_completion = false;
  config.analytics.retention_days = 1;
  Engine first = Engine::open(config);
  Session session = first.create_session("job-interview");
  session.send_wait("Good morning.");
  Engine second = Engine::open(config);
  second.run_until_idle();  // what looks for jobs at the start has looked
  second.import_session(first.export_session(session.id(), ExportFormat::json));
  second.advance(2 * kDay);
  second.run_until_idle();
  CHECK(session_analytics(second).at(0).sessions == 1);
  CHECK(session_analytics(second, {.character = "candidate"}).at(0).sessions == 0);
}

TEST_CASE("a row that rebuild makes of a loaded session goes on and goes with it") {
  const TempFolder folder;
  Config config = scripted();
  config.storage = "sqlite:" + folder.file("talks.db");
  config.storage_thread = StorageThread::off;
  config.analytics.enabled = false;
  std::string id;
  {
    Engine engine = Engine::open(config);
    Session session = engine.create_session("job-interview");
    id = session.id();
    session.send_wait("Good morning.");
  }
  config.analytics.enabled = true;
  Engine engine = Engine::open(config);
  Session session = engine.session(id);
  session.annotate("seen", "{}").get();
  CHECK_FALSE(engine.rebuild(id));
  session.complete().get();
  CHECK(session_analytics(engine).at(0).completed == 1);
  session.remove().get();
  CHECK(session_analytics(engine).at(0).sessions == 0);
}

TEST_CASE("a session that was counted has no row again when the clock goes back") {
  for (const bool loaded : {true, false}) {
    CAPTURE(loaded);
    const auto clock = std::make_shared<VirtualClock>();
    Dependencies dependencies;
    dependencies.clock = clock;
    Engine engine = Engine::open(scripted(), dependencies);
    std::optional<Session> session(engine.create_session(conformance::two_in_a_room()));
    const std::string id = session->id();
    session->send_wait("Good morning.");
    if (!loaded) session.reset();
    engine.advance(31 * kDay);
    engine.run_until_idle();
    const auto counted = session_analytics(engine);
    REQUIRE(counted.at(0).sessions == 1);
    clock->jump_wall(-3 * kDay);
    if (!session) session = engine.session(id);
    session->complete().get();
    engine.run_until_idle();
    CHECK(session_analytics(engine) == counted);
    CHECK(engine.rebuild(id));
    CHECK(session_analytics(engine) == counted);
    CHECK(session_flow(engine).empty());
    engine.advance(40 * kDay);
    engine.run_until_idle();
    CHECK(session_analytics(engine) == counted);
  }
}

TEST_CASE("a session without a row costs no look at the store with each commit") {
  const auto store = std::make_shared<RowReads>(open_storage({.url = "memory:"}).value_or_throw());
  Dependencies dependencies;
  dependencies.storage = store;
  Config config = scripted();
  config.analytics.enabled = false;
  std::string id;
  {
    Engine engine = Engine::open(config, dependencies);
    id = engine.create_session(conformance::two_in_a_room()).id();
  }
  config.analytics.enabled = true;
  Engine engine = Engine::open(config, dependencies);
  Session session = engine.session(id);
  for (int i = 0; i < 10; ++i) session.annotate("seen", "{}").get();
  CHECK(store->reads == 1);
  CHECK_FALSE(engine.rebuild(id));
  store->reads = 0;
  for (int i = 0; i < 10; ++i) session.annotate("seen", "{}").get();
  CHECK(store->reads == 1);
  session.start().get();
  session.complete().get();
  CHECK(session_analytics(engine).at(0).completed == 1);
}

TEST_CASE(
    "a session that begins on a day that was counted already, as the clock went back, goes too") {
  const auto clock = std::make_shared<VirtualClock>();
  Dependencies dependencies;
  dependencies.clock = clock;
  Engine engine = Engine::open(scripted(), dependencies);
  talk_once(engine, "");
  engine.advance(31 * kDay);
  engine.run_until_idle();
  clock->jump_wall(-31 * kDay);
  for (int i = 0; i < 2; ++i) talk_once(engine, "");
  CHECK(waiting_jobs(engine) == 1);
  CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 2);
  engine.advance(31 * kDay);
  engine.run_until_idle();
  CHECK(waiting_jobs(engine) == 0);
  CHECK(session_analytics(engine).at(0).sessions == 3);
  CHECK(session_analytics(engine, {.character = "candidate"}).at(0).sessions == 0);
}
