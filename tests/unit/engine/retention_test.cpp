#include "engine/erasure/retention.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <scena/jobs.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "conformance/stage.hpp"
#include "storage/registry.hpp"
#include "support/forwarding_storage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"
#include "unit/engine/erasure_fixture.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kWords = "clavichord-under-the-stairs";

/// A receiver that is never reached: its deliveries wait, each with its event.
struct FailingSink final : EventSink {
  void deliver(const Event&, const Job&, std::shared_ptr<JobAnswer> answer,
               std::stop_token) override {
    answer->fail("nobody is there");
  }
};

Config for_a_while(std::chrono::milliseconds ttl = 1h) {
  Config config = scripted(R"(["You said clavichord-under-the-stairs.","Go on.","I see."])");
  config.retention = Retention::session;
  config.retention_ttl = ttl;
  return config;
}

Engine open(const Config& config, std::shared_ptr<Storage> storage) {
  Dependencies parts;
  parts.storage = std::move(storage);
  parts.event_sinks["audit"] = std::make_shared<FailingSink>();
  parts.job_handlers["mail"] = make_job_handler([](const Job& job) -> std::string {
    throw std::runtime_error("cannot send " + job.payload);
  });
  return Engine::open(config, std::move(parts));
}

Session talk(Engine& engine, const SessionOptions& options = {}) {
  Session session = engine.create_session(conformance::two_in_a_room(), options);
  SendOptions once;
  once.command_id = "said-once";
  session.send_wait(kWords, once);
  return session;
}

bool is_there(Engine& engine, const Session& session) {
  return code_of([&] { engine.session(session.id()); }) == ErrorCode::ok;
}

void pass(Engine& engine, Duration time) {
  engine.advance(time);
  engine.run_until_idle();
}

}  // namespace

TEST_CASE("of a session with a time to live no byte is left after it, and all of it until then") {
  TempFolder folder;
  std::shared_ptr<Storage> storage =
      open_storage({.url = "sqlite:" + folder.file("talk.db")}).value_or_throw();
  Engine engine = open(for_a_while(), storage);
  SessionOptions options;
  options.title = kWords;
  options.command_id = "made-once";
  Session session = talk(engine, options);
  JobOptions mail;
  mail.session = session.id();
  mail.max_attempts = 1;
  engine.jobs().enqueue("mail", std::string("\"") + kWords + "\"", mail).get();
  session.annotate("note", std::string(R"({"of":")") + kWords + R"("})").get();
  pass(engine, 30 * 24h);  // it has not ended
  CHECK(is_there(engine, session));
  session.complete().get();
  engine.run_until_idle();
  pass(engine, 59min);
  CHECK(is_there(engine, session));
  CHECK(session.messages()[0].text() == kWords);
  CHECK(store_holds(*storage, kWords));
  CHECK_FALSE(files_with(folder, kWords).empty());
  pass(engine, 2min);
  CHECK_FALSE(is_there(engine, session));
  CHECK_FALSE(store_holds(*storage, kWords));
  CHECK(files_with(folder, kWords).empty());
  CHECK(engine.sessions().sessions.empty());
  CHECK(storage->streams("default", "", 10).value_or_throw().empty());
  storage->check().value_or_throw();
}

TEST_CASE("in memory the events of a removed session stay, unless it has a time to live") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Config config = for_a_while();
  config.retention = Retention::keep;
  config.retention_ttl = 0ms;
  Engine engine = open(config, storage);
  Session kept = talk(engine);
  Session brief =
      talk(engine, {.owner = "ada", .retention = Retention::session, .retention_ttl = 1h});
  kept.remove().get();
  brief.remove().get();
  pass(engine, 365 * 24h);
  CHECK(storage->streams("default", "", 10).value_or_throw() ==
        std::vector<std::string>{"session:" + kept.id()});
  CHECK(store_holds(*storage, kWords));
}

TEST_CASE("a session that is kept stays, and each session may say how long it lives") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Config config = for_a_while();
  config.retention = Retention::keep;
  Engine engine = open(config, storage);
  Session kept = talk(engine);
  Session day = talk(engine, {.retention = Retention::session, .retention_ttl = 24h});
  Session hour = talk(engine, {.retention = Retention::session});
  for (const Session& session : {kept, day, hour}) Session(session).complete().get();
  pass(engine, 2h);
  CHECK_FALSE(is_there(engine, hour));
  CHECK(is_there(engine, day));
  pass(engine, 23h);
  CHECK_FALSE(is_there(engine, day));
  pass(engine, 365 * 24h);
  CHECK(is_there(engine, kept));
  CHECK(code_of([&] { talk(engine, {.retention = Retention::session, .retention_ttl = -1ms}); }) ==
        ErrorCode::invalid_argument);
}

TEST_CASE("others than the host may shorten what the configuration says, not lengthen it") {
  Engine engine = Engine::open(for_a_while());
  Principal ada;
  ada.subject = "ada";
  Engine own = engine.as(ada);
  const auto made = [&](std::optional<Retention> retention,
                        std::optional<std::chrono::milliseconds> ttl) {
    SessionOptions options;
    options.retention = retention;
    options.retention_ttl = ttl;
    return code_of([&] { own.create_session("job-interview", options); });
  };
  CHECK(made(std::nullopt, 1min) == ErrorCode::ok);
  CHECK(made(std::nullopt, 2h) == ErrorCode::permission_denied);
  CHECK(made(Retention::keep, std::nullopt) == ErrorCode::permission_denied);
}

TEST_CASE("deleting a session does not wait for its time to live, and does not prolong it") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Engine engine = open(for_a_while(), storage);
  Session first = talk(engine);
  first.complete().get();
  pass(engine, 50min);
  first.remove().get();
  Session second = talk(engine);
  second.remove().get();  // its end
  pass(engine, 11min);
  const auto left = storage->streams("default", "", 10).value_or_throw();
  CHECK(left == std::vector<std::string>{"session:" + second.id()});
  pass(engine, 50min);
  CHECK(storage->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE("a session in error that runs again has not ended") {
  Engine engine = Engine::open(for_a_while());
  Session session = talk(engine);
  session.fail().get();
  pass(engine, 30min);
  session.resume().get();
  pass(engine, 10min);
  session.fail().get();
  pass(engine, 30min);  // an hour after the first failure
  REQUIRE(is_there(engine, session));
  session.resume().get();
  pass(engine, 24h);
  REQUIRE(is_there(engine, session));
  session.fail().get();
  pass(engine, 59min);
  CHECK(is_there(engine, session));
  pass(engine, 2min);
  CHECK_FALSE(is_there(engine, session));
}

TEST_CASE("a fork lives as its parent does, and keeps of it what it reads") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Engine engine = open(for_a_while(), storage);
  Session parent = talk(engine);
  Session fork = parent.fork().get();
  Session fork_of_fork = fork.fork().get();
  parent.complete().get();
  fork.complete().get();
  pass(engine, 2h);
  CHECK_FALSE(is_there(engine, parent));  // nobody reads it any more ...
  CHECK_FALSE(is_there(engine, fork));
  CHECK(fork_of_fork.messages()[0].text() == kWords);  // ... but as a part of this one
  fork_of_fork.complete().get();
  pass(engine, 59min);
  CHECK(store_holds(*storage, kWords));
  pass(engine, 2min);
  CHECK_FALSE(store_holds(*storage, kWords));
  CHECK(storage->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE("sessions that are due together rewrite the store once, and again where that failed") {
  struct Scrubbed final : ForwardingStorage {
    using ForwardingStorage::ForwardingStorage;
    Result<void> scrub() override {
      if (++scrubs > fail_first) return inner_->scrub();
      return Error::fixed(ErrorCode::unavailable, "somebody reads");
    }
    int scrubs = 0, fail_first = 0;
  };
  for (const int failures : {0, 3}) {
    CAPTURE(failures);
    auto store = std::make_shared<Scrubbed>(open_storage({.url = "memory:"}).value_or_throw());
    store->fail_first = failures;
    Engine engine = open(for_a_while(), store);
    std::vector<Session> sessions;
    for (int i = 0; i < 5; ++i) sessions.push_back(talk(engine));
    for (Session& session : sessions) session.remove().get();
    pass(engine, 2h);
    CHECK(store->streams("default", "", 10).value_or_throw().empty());
    CHECK(store->scrubs == failures + 1);
  }
}

TEST_CASE("a session that cannot be read any more goes as well when its time is over") {
  auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
  Engine engine = open(for_a_while(), torn);
  Session lost = talk(engine);
  lost.remove().get();
  torn->torn = "session:" + lost.id();
  pass(engine, 59min);
  CHECK_FALSE(torn->streams("default", "", 10).value_or_throw().empty());
  pass(engine, 2min);
  CHECK(torn->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE(
    "the time to live goes on while no engine runs, and an engine with other settings keeps it") {
  TempFolder folder;
  const std::string url = "sqlite:" + folder.file("talk.db");
  {
    Engine engine = open(for_a_while(), open_storage({.url = url}).value_or_throw());
    talk(engine).complete().get();
  }
  REQUIRE_FALSE(files_with(folder, kWords).empty());
  Config config = for_a_while();
  config.retention = Retention::keep;
  Engine engine = open(config, open_storage({.url = url}).value_or_throw());
  CHECK(engine.sessions().sessions.size() == 1);
  pass(engine, 2h);
  CHECK(engine.sessions().sessions.empty());
  CHECK(files_with(folder, kWords).empty());
}

TEST_CASE("an imported session lives as its events say, also when it has ended before") {
  std::string open_one, ended, id;
  {
    Engine engine = Engine::open(for_a_while());
    Session session = talk(engine);
    id = session.id();
    open_one = engine.export_session(id, ExportFormat::json);
    session.complete().get();
    ended = engine.export_session(id, ExportFormat::json);
  }
  for (const std::string& file : {open_one, ended}) {
    Config config = scripted();
    Engine engine = Engine::open(config);
    Session session = engine.import_session(file);
    CHECK(engine.rebuild(id));
    if (&file == &open_one) CHECK(file != ended);
    if (session.info().state != SessionState::completed) session.complete().get();
    CHECK(is_there(engine, session));
    pass(engine, 2h);
    CHECK_FALSE(is_there(engine, session));
  }
}

namespace {

/// Refuses the next commit that deletes a session, and tells when the next events were read.
struct StumblingStorage final : ForwardingStorage {
  using ForwardingStorage::ForwardingStorage;
  std::vector<Result<void>> commit(std::span<const Batch> group) override {
    const auto deletes = [](const Batch& batch) {
      for (const Append& append : batch.appends)
        for (const Event& event : append.events)
          if (event.type == "session.deleted") return true;
      return false;
    };
    if (!keeps_one || std::none_of(group.begin(), group.end(), deletes))
      return inner_->commit(group);
    keeps_one = false;
    const Result<void> failed = Error::fixed(ErrorCode::unavailable, "the disk is away");
    return std::vector<Result<void>>(group.size(), failed);
  }
  Result<std::vector<Event>> read_events(std::string_view tenant, std::string_view stream,
                                         std::uint64_t after, std::size_t limit) override {
    auto events = inner_->read_events(tenant, stream, after, limit);
    if (const auto read = std::exchange(on_read, nullptr)) read();
    return events;
  }
  Result<void> scrub() override {
    ++scrubs;
    return inner_->scrub();
  }
  bool keeps_one = false;
  std::function<void()> on_read;
  int scrubs = 0;
};

std::shared_ptr<StumblingStorage> stumbling() {
  return std::make_shared<StumblingStorage>(open_storage({.url = "memory:"}).value_or_throw());
}

std::string with_ttl(std::string file, const std::string& ms) {
  const std::string hour = R"("erased_after_ms":3600000)";
  const auto at = file.find(hour);
  REQUIRE(at != std::string::npos);
  return file.replace(at, hour.size(), R"("erased_after_ms":)" + ms);
}

}  // namespace

TEST_CASE("a parent that runs again after its deletion failed does not go with its last fork") {
  const auto store = stumbling();
  Engine engine = open(for_a_while(), store);
  Session parent = talk(engine);
  Session fork = parent.fork().get();
  parent.fail().get();
  store->keeps_one = true;
  engine.advance(1h + 1ms);
  for (int i = 0; i < 50 && store->keeps_one; ++i) engine.poll();
  REQUIRE_FALSE(store->keeps_one);
  parent.resume().get();
  pass(engine, 1h);
  fork.complete().get();
  pass(engine, 2h);
  CHECK_FALSE(is_there(engine, fork));
  REQUIRE(is_there(engine, parent));
  CHECK(engine.session(parent.id()).send_wait("Are you there?").outcome == Outcome::complete);
  parent.complete().get();
  pass(engine, 2h);
  CHECK(store->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE("a session that runs again is not erased where it cannot be read for a while") {
  auto torn = std::make_shared<TornStorage>(open_storage({.url = "memory:"}).value_or_throw());
  Engine engine = open(for_a_while(), torn);
  Session session = talk(engine);
  session.fail().get();
  session.resume().get();
  torn->torn = "session:" + session.id();
  pass(engine, 2h);
  torn->torn.clear();
  REQUIRE(torn->streams("default", "", 10).value_or_throw().size() == 1);
  CHECK(session.send_wait("Are you there?").outcome == Outcome::complete);
  session.complete().get();
  torn->torn = "session:" + session.id();
  pass(engine, 2h);
  CHECK(torn->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE("a session that is resumed while its erasure begins runs on") {
  const auto store = stumbling();
  Engine engine = open(for_a_while(), store);
  Session session = talk(engine);
  session.fail().get();
  engine.advance(59min);
  std::optional<Pending<SessionInfo>> resumed;
  std::optional<Turn> turn;
  store->on_read = [&] {
    resumed = session.resume();
    turn = session.send("Are you there?");
  };
  pass(engine, 2min);
  REQUIRE(resumed);
  CHECK(resumed->get().state == SessionState::active);
  CHECK(turn->wait().outcome == Outcome::complete);
  CHECK(is_there(engine, session));
}

TEST_CASE("erasing the user of a last fork takes along the parent that waited for it") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Engine engine = open(for_a_while(), storage);
  Session parent = talk(engine);
  Session fork = parent.fork().get();
  parent.complete().get();
  pass(engine, 2h);
  Participant bob;
  bob.id = bob.name = bob.subject = "bob";
  bob.is_human = true;
  fork.join(bob).get();
  CHECK(engine.erase_user("bob") == 2);
  CHECK_FALSE(store_holds(*storage, kWords));
  CHECK(storage->streams("default", "", 10).value_or_throw().empty());
}

TEST_CASE("an imported copy of a fork does not keep the parent, which it does not read") {
  std::shared_ptr<Storage> storage = open_storage({.url = "memory:"}).value_or_throw();
  Engine engine = open(for_a_while(), storage);
  Session parent = talk(engine);
  Session fork = parent.fork().get();
  std::string file = engine.export_session(fork.id(), ExportFormat::json);
  const std::string id = R"("id":")" + fork.id() + '"';
  file.replace(file.find(id), id.size(), R"("id":"copy")");
  Session copy = engine.import_session(file);
  CHECK(copy.info().parent == parent.id());
  parent.complete().get();
  fork.complete().get();
  pass(engine, 2h);
  CHECK(storage->streams("default", "", 10).value_or_throw() ==
        std::vector<std::string>{"session:copy"});
  CHECK(copy.messages()[0].text() == kWords);
}

TEST_CASE("a time to live that no engine gives is refused at import") {
  std::string file, id;
  {
    Engine engine = Engine::open(for_a_while());
    Session session = talk(engine);
    id = session.id();
    session.complete().get();
    file = engine.export_session(id, ExportFormat::json);
  }
  for (const char* ms : {"9000000000000000000", "31536000001", "-5", "1.5", "1e300", "\"1\""}) {
    CAPTURE(ms);
    Engine engine = Engine::open(scripted());
    try {
      engine.import_session(with_ttl(file, ms));
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      CHECK(std::string(error.what()).find("erased_after_ms") != std::string::npos);
    }
    CHECK(engine.sessions().sessions.empty());
  }
  Engine engine = Engine::open(scripted());
  engine.import_session(with_ttl(file, "31536000000"));
  engine.run_until_idle();
  CHECK(engine.sessions().sessions.size() == 1);
}

TEST_CASE("a time that is over for a session that runs again costs no rewrite and no cache") {
  const auto store = stumbling();
  Config config = for_a_while();
  config.policy.cache.max_bytes = 1 << 20;
  config.policy.cache.ttl = 24h;
  Engine engine = open(config, store);
  talk(engine).remove().get();
  pass(engine, 2h);
  const int before = store->scrubs;
  CHECK(before == 1);
  ReplyRequest hello;
  hello.messages.emplace_back().text = "Hello.";
  engine.complete("model", hello).get();
  REQUIRE(engine.complete("model", hello).get().start.cached);
  Session session = talk(engine);
  for (int i = 0; i < 5; ++i) {
    session.fail().get();
    session.resume().get();
    pass(engine, 10min);
  }
  pass(engine, 2h);
  CHECK(store->scrubs == before);
  CHECK(engine.complete("model", hello).get().start.cached);
  session.remove().get();
  pass(engine, 2h);
  CHECK(store->scrubs == before + 1);
  CHECK_FALSE(engine.complete("model", hello).get().start.cached);
}

TEST_CASE("what an erased session left in the file goes with a later job that erases nothing") {
  const auto store = stumbling();
  Engine engine = open(for_a_while(), store);
  talk(engine).remove().get();
  Session running = talk(engine);
  running.fail().get();
  running.resume().get();
  pass(engine, 2h);
  CHECK(store->scrubs == 1);
  CHECK(is_there(engine, running));
}

TEST_CASE("an erasure has hours for a large file") {
  CHECK(engine::make_retention_jobs({})->handling().time_limit >= 6h);
}

TEST_CASE("a time to live of a session that is kept is refused by its name") {
  Engine engine = Engine::open(scripted());
  const auto refused = [&](const SessionOptions& options) {
    try {
      engine.create_session("job-interview", options);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
      return std::string(error.what()).find("retention_ttl") != std::string::npos;
    }
    return false;
  };
  CHECK(refused({.retention_ttl = 1h}));
  CHECK(refused({.retention = Retention::keep, .retention_ttl = 1h}));
  CHECK_FALSE(refused({.retention = Retention::session, .retention_ttl = 1h}));
}

TEST_CASE("the job that erases a session is not the host's to cancel") {
  Engine engine = Engine::open(for_a_while());
  Session session = talk(engine);
  session.complete().get();
  const auto jobs = engine.jobs().list({.kind = "scena.retention"}).jobs;
  REQUIRE(jobs.size() == 1);
  CHECK(code_of([&] { engine.jobs().cancel(jobs[0].id).get(); }) == ErrorCode::invalid_argument);
  pass(engine, 2h);
  CHECK_FALSE(is_there(engine, session));
}
