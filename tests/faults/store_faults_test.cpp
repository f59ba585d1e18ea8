#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "base/clock.hpp"
#include "faults/fault_fixture.hpp"
#include "storage/backends/sqlite/sqlite.hpp"
#include "support/fault_vfs.hpp"
#include "support/sql_rows.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using namespace scena::test;
using namespace std::chrono_literals;

namespace {

Dependencies on_disk(const std::string& path, const FaultVfs& vfs) {
  Dependencies dependencies;
  dependencies.storage =
      std::move(sqlite::open({.path = path, .vfs = vfs.name()})).value_or_throw();
  return dependencies;
}

Config stored(const std::string& path) {
  Config config = scripted();
  config.storage = "sqlite:" + path;
  return config;
}

using Rows = std::vector<std::string>;

std::string or_null(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string number(std::int64_t value) {
  return std::to_string(value);
}

/// The row of v_sessions that says what info() says.
std::string row_of(const SessionInfo& info) {
  std::string labels;
  for (const auto& [name, value] : info.labels)
    labels += (labels.empty() ? "\"" : ",\"") + name + "\":\"" + value + "\"";
  return info.preset + '|' + info.title + "|{" + labels + "}|" + to_string(info.state) + '|' +
         number(info.messages) + '|' + std::to_string(info.last_seq) + "|1|1|" +
         or_null(info.owner) + '|' + or_null(info.parent) + '|' +
         (info.parent.empty() ? "-" : std::to_string(info.parent_seq));
}

Rows session_rows(const std::string& path, const SessionInfo& info) {
  const auto is_time = [](const char* column, WallTime time) {
    return std::string(column) + " = strftime('%Y-%m-%dT%H:%M:%fZ', " +
           number(time.time_since_epoch().count()) + " / 1e6, 'unixepoch')";
  };
  return rows(path, "SELECT preset, title, labels, state, messages, last_seq, " +
                        is_time("created", info.created) + ", " + is_time("updated", info.updated) +
                        ", owner, parent, parent_seq FROM v_sessions WHERE session = '" + info.id +
                        "'");
}

/// The row of v_messages that says what the message says.
std::string row_of(const Message& message) {
  return std::to_string(message.seq) + '|' + message.id + '|' + or_null(message.turn) + '|' +
         message.speaker + '|' + (message.from_human ? "1|" : "0|") + message.text() + '|' +
         or_null(message.replaces) + '|' + to_string(message.outcome) + '|' +
         to_string(message.finish_reason) + '|' + or_null(message.provider) + '|' +
         or_null(message.model) + '|' + number(message.usage.input_tokens) + '|' +
         number(message.usage.output_tokens) + '|' + message.cost.to_string() + '|' +
         (message.superseded ? "1" : "0");
}

Rows message_rows(const std::string& path, const std::string& session) {
  return rows(path,
              "SELECT seq, message, turn, speaker, from_human, text, replaces, outcome, "
              "finish_reason, provider, model, input_tokens, output_tokens, cost, superseded "
              "FROM v_messages WHERE session = '" +
                  session + "' ORDER BY seq");
}

/// All that v_costs books to a session.
Money cost_in_view(const std::string& path, const std::string& session) {
  Money sum;
  for (const auto& cost : rows(path, "SELECT cost FROM v_costs WHERE session = '" + session + "'"))
    sum += Money::parse(cost).value();
  return sum;
}

}  // namespace

TEST_CASE(
    "a full disk or an I/O error refuses new messages, reading goes on, and it works again without "
    "a restart") {
  struct Fault {
    int sqlite;
    ErrorCode code;
  };
  for (const auto& [fault, code] : {Fault{SQLITE_FULL, ErrorCode::storage_full},
                                    Fault{SQLITE_IOERR_WRITE, ErrorCode::storage_failed}}) {
    const auto which = fault;
    CAPTURE(which);
    TempFolder folder;
    FaultVfs vfs;
    {
      Engine engine = Engine::open(scripted(), on_disk(folder.file("a.db"), vfs));
      Session session = open_stage(engine);
      session.send_wait("Hello.");
      const auto before = session.state_json();
      vfs.fail_writes(fault);
      CHECK(code_of([&] { session.send_wait("Lost?"); }) == code);
      CHECK(session.state_json() == before);
      CHECK(session.messages().size() == 2);
      CHECK(code_of([&] { session.pause().get(); }) == code);
      vfs.fail_writes(0);
      CHECK(session.send_wait("Again.").outcome == Outcome::complete);
      CHECK(session.messages().size() == 4);
      CHECK(engine.rebuild(session.id()));
    }
    CHECK(sqlite::open({.path = folder.file("a.db"), .vfs = vfs.name()}).value()->check());
  }
}

TEST_CASE("a reply that ends while the disk is full is kept and stored when there is space again") {
  TempFolder folder;
  FaultVfs vfs;
  Engine engine = Engine::open(scripted(), on_disk(folder.file("a.db"), vfs));
  Session session = open_stage(engine);
  Turn turn = session.send("Hello.");
  turn.wait_accepted();
  vfs.fail_writes(SQLITE_FULL);
  CHECK(code_of([&] { turn.wait(); }) == ErrorCode::storage_full);
  CHECK(session.messages().size() == 1);
  vfs.fail_writes(0);
  CHECK(session.send_wait("And?").outcome == Outcome::complete);
  const auto messages = session.messages();
  REQUIRE(messages.size() == 4);
  CHECK(messages[1].text() == "Good morning.");
  CHECK(messages[1].outcome == Outcome::complete);
}

TEST_CASE(
    "a file that another program locks refuses new messages for a while, and nothing is lost") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  Dependencies dependencies;
  dependencies.storage =
      std::move(sqlite::open({.path = path, .busy_timeout = 20ms})).value_or_throw();
  Engine engine = Engine::open(scripted(), dependencies);
  Session session = open_stage(engine);
  session.send_wait("Hello.");
  const auto before = session.state_json();
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(code_of([&] { session.send_wait("Locked?"); }) == ErrorCode::unavailable);
  CHECK(session.state_json() == before);
  CHECK(session.messages().size() == 2);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  CHECK(session.send_wait("Again.").outcome == Outcome::complete);
  CHECK(engine.rebuild(session.id()));
}

TEST_CASE("an engine refuses a damaged or newer file, also where it may fall back to memory") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  Config config = stored(path);
  config.storage_fallback = true;
  Engine::open(config).close();
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  sqlite3_exec(other, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  CHECK(code_of([&] { Engine::open(config); }) == ErrorCode::version_mismatch);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(9'000, 'x');
  CHECK(code_of([&] { Engine::open(config); }) == ErrorCode::storage_corrupt);
  CHECK(std::filesystem::file_size(path) == 9'000);
}

TEST_CASE("session, messages, metrics and presets are equal after a restart on SQLite") {
  TempFolder folder;
  Preset preset = conformance::two_in_a_room();
  preset.id = "mine";
  std::string id, state, session_json;
  std::vector<Message> messages;
  {
    Engine engine = Engine::open(stored(folder.file("a.db")));
    engine.put_preset(preset);
    Session session = engine.create_session("mine");
    session.send_wait("I never said that. It was wonderful!");
    session.send_wait("Why do you ask?");
    id = session.id();
    state = session.state_json();
    messages = session.messages();
    session_json = session.info().to_json();
  }
  Engine engine = Engine::open(stored(folder.file("a.db")));
  CHECK(engine.preset("mine") == preset);
  Session session = engine.session(id);
  engine.run_until_idle();
  CHECK(session.state_json() == state);
  CHECK(session.info().to_json() == session_json);
  CHECK(session.messages() == messages);
  CHECK_FALSE(messages.front().metrics.empty());
  CHECK(engine.sessions().sessions.at(0).id == id);
  CHECK(engine.rebuild(id));
}

TEST_CASE("the SQL views say what the engine says of a session, its fork and its side questions") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  Config config = stored(path);
  config.prices["*"] = {.input = Money{3'000'000'000'000}, .output = Money{15'000'000'000'000}};
  Engine engine = Engine::open(config);
  engine.put_preset(conformance::two_in_a_room());
  SessionOptions options;
  options.owner = "anna";
  options.title = "Mine";
  options.labels = {{"kind", "test"}, {"room", "1"}};
  Session session = engine.create_session("conformance", options);
  engine.run_until_idle();
  CHECK(session_rows(path, session.info()) == Rows{row_of(session.info())});
  session.send_wait("Hello.");
  Turn cancelled = session.send("And?");
  cancelled.wait_accepted();
  cancelled.cancel();
  CHECK(cancelled.wait().outcome == Outcome::cancelled);
  session.send_wait("Are you there?");
  CHECK(session.ask_aside("host", "Is the guest polite?").get().cost > Money{});
  SessionChanges changes;
  changes.title = "Renamed";
  changes.labels = {{"kind", std::nullopt}, {"room", "2"}};
  session.update(changes).get();
  const auto shared = session.messages(true).size();

  Session fork = session.fork().get();
  CHECK(session_rows(path, fork.info()) == Rows{row_of(fork.info())});
  CHECK(message_rows(path, fork.id()).empty());
  fork.send_wait("Another way.");
  fork.regenerate().wait();
  session.pause().get();

  for (const auto& info : engine.sessions().sessions)
    CHECK(session_rows(path, info) == Rows{row_of(info)});
  for (Session& each : std::vector<Session>{session, fork}) {
    Rows expected, scores;
    auto messages = each.messages(true);
    if (each.id() == fork.id())
      messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(shared));
    for (const auto& message : messages) {
      expected.push_back(row_of(message));
      for (const auto& score : message.metrics)
        scores.push_back(message.id + '|' + score.metric + '|' + or_null(score.label));
    }
    CHECK(message_rows(path, each.id()) == expected);
    CHECK(rows(path, "SELECT message, metric, label FROM v_metrics WHERE session = '" + each.id() +
                         "' ORDER BY seq") == scores);
    CHECK(cost_in_view(path, each.id()) == each.info().cost);
  }
  const std::string costs = "FROM v_costs WHERE session = '" + session.id() + "' ORDER BY seq";
  CHECK(rows(path, "SELECT purpose, turn, aside " + costs) ==
        Rows{"turn|t1|-", "turn|t2|-", "turn|t3|-", "aside|-|a1"});

  fork.remove().get();
  CHECK(rows(path, "SELECT session FROM v_sessions") == Rows{session.id()});
}

TEST_CASE("sessions that the first released schema holds open, show the same, and go on") {
  TempFolder folder;
  std::ifstream golden(SCENA_TEST_DIR "/golden/storage/schema1.sql");
  const std::string sql{std::istreambuf_iterator<char>(golden), {}};
  sqlite3* file = nullptr;
  REQUIRE(sqlite3_open(folder.file("a.db").c_str(), &file) == SQLITE_OK);
  REQUIRE(sqlite3_exec(file, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(file);
  Engine engine = Engine::open(stored(folder.file("a.db")));
  REQUIRE(engine.sessions().sessions.size() == 2);
  for (const auto& info : engine.sessions().sessions) {
    engine.rebuild(info.id);  // that schema kept no ledger: it is made of the events
    CHECK(engine.rebuild(info.id));
    CHECK(session_rows(folder.file("a.db"), info) == Rows{row_of(info)});
  }
  Session session = engine.session("first");
  const auto messages = session.messages();
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].text() == "I never said that. It was wonderful!");
  CHECK(messages[1].metrics.size() == 3);
  CHECK(session.send_wait("And today?").outcome == Outcome::complete);
}

TEST_CASE("a second engine on the same file gets conflict, and the first goes on") {
  TempFolder folder;
  {
    Engine first = Engine::open(stored(folder.file("a.db")));
    Session session = open_stage(first);
    session.send_wait("Hello.");
    auto second = Engine::try_open(stored(folder.file("a.db")));
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == ErrorCode::conflict);
    CHECK(std::string(second.error().what()).find("a.db") != std::string::npos);
    CHECK(session.send_wait("Still there?").outcome == Outcome::complete);
  }
  CHECK(Engine::try_open(stored(folder.file("a.db"))));
}

TEST_CASE("jumps of the wall clock move no limit and no order") {
  auto clock = std::make_shared<VirtualClock>();
  Dependencies dependencies;
  dependencies.clock = clock;
  Config config = faulty("ok,stall_head,429@2s,ok");
  config.timeouts.first_byte = 4s;
  Engine engine = Engine::open(config, dependencies);
  Session session = open_stage(engine);
  session.send_wait("Before.");
  clock->jump_wall(-1h);
  Turn stalled = session.send("Silence?");
  const TimePoint began = clock->now();
  engine.advance(1s);
  clock->jump_wall(24h);
  const auto result = stalled.wait();
  CHECK(result.error->code() == ErrorCode::timeout);
  CHECK(clock->now() - began <= 4s + 50ms);
  Turn retried = session.send("Again.");
  engine.advance(1s);
  clock->jump_wall(-25h);
  CHECK_FALSE(retried.done());
  CHECK(retried.wait().outcome == Outcome::complete);
  Events events = session.events();
  std::uint64_t seq = 0;
  for (const auto& event : drain(engine, events)) {
    if (event.is_durable()) CHECK(event.seq == ++seq);
  }
  CHECK(seq == session.info().last_seq);
}

TEST_CASE(
    "an engine that ends in mid-reply leaves a session that opens, with the turn interrupted") {
  TempFolder folder;
  std::string id;
  {
    Engine engine = Engine::open(stored(folder.file("a.db")));
    Session session = open_stage(engine);
    id = session.id();
    Events events = session.events();
    Turn turn = session.send("Hello.");
    Event event;
    while (event.type != "delta") REQUIRE(events.next_wait(event));
    engine.close();
    CHECK(turn.wait().outcome == Outcome::interrupted);
  }
  Engine engine = Engine::open(stored(folder.file("a.db")));
  Session session = engine.session(id);
  engine.run_until_idle();
  CHECK(session.state() == SessionState::active);
  CHECK(session.messages().back().outcome == Outcome::interrupted);
  CHECK(session.send_wait("Go on.").outcome == Outcome::complete);
}
