#include <doctest/doctest.h>
#include <sqlite3.h>

#include "conformance/stage.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/engine_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

std::vector<std::string> ids(const std::vector<Message>& messages) {
  std::vector<std::string> found;
  for (const auto& message : messages) found.push_back(message.id);
  return found;
}

using Ids = std::vector<std::string>;

/// Rows and bytes of a table, counted by SQLite itself.
struct Size {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

Size size_of(sqlite3* db, const std::string& table, const std::string& columns) {
  Size size;
  sqlite3_stmt* statement = nullptr;
  const std::string sql = "SELECT count(*), coalesce(sum(" + columns + "),0) FROM " + table;
  REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  size = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
  sqlite3_finalize(statement);
  return size;
}

Size events_and_records(sqlite3* db) {
  const auto event =
      size_of(db, "event", "length(type)+length(actor)+length(cause)+length(data)+32");
  const auto record =
      size_of(db, "record", "length(id)+length(json)+coalesce(length(fields),0)+32");
  return {event.rows + record.rows, event.bytes + record.bytes};
}

// What keeps names and order: one for the stream, one for each indexed field.
Size names_and_indexes(sqlite3* db) {
  const auto stream = size_of(db, "stream", "length(name)+length(tenant)+8");
  const auto index = size_of(db, "record_index", "2*(length(field)+length(value)+length(id))+32");
  return {stream.rows + index.rows, stream.bytes + index.bytes};
}

}  // namespace

TEST_CASE("a fork shares the past up to its message and goes its own way, also a fork of a fork") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three.","Four."])"));
  Session first = engine.create_session(conformance::two_in_a_room());
  first.send_wait("a");
  first.send_wait("b");
  first.send_wait("c");
  Session second = first.fork("m4").get();
  CHECK(ids(second.messages()) == Ids{"m1", "m2", "m3", "m4"});
  second.send_wait("d");
  second.send_wait("e");
  second.send_wait("f");
  CHECK(second.messages().size() == 10);
  // A message of the shared past, though its number is one of the fork's own events as well.
  Session third = second.fork("m2").get();
  CHECK(ids(third.messages()) == Ids{"m1", "m2"});
  CHECK(third.info().parent == first.id());
  CHECK(third.messages().back().metrics.size() == first.messages()[1].metrics.size());
  // A message of its own, and everything.
  Session fourth = second.fork("m6").get();
  CHECK(ids(fourth.messages()) == Ids{"m1", "m2", "m3", "m4", "m5", "m6"});
  CHECK(fourth.info().parent == second.id());
  Session fifth = fourth.fork().get();
  CHECK(fifth.messages().size() == 6);
  CHECK(ids(fifth.fork("m4").get().messages()) == Ids{"m1", "m2", "m3", "m4"});
  CHECK(fifth.send_wait("g").outcome == Outcome::complete);
  CHECK(first.messages().size() == 6);
  CHECK(fourth.messages().size() == 6);
}

TEST_CASE("a fork at a message leaves out what came after it, an undo too") {
  Engine engine = Engine::open(scripted(R"(["One.","Two."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("a");
  session.undo().get();
  CHECK(session.messages().empty());
  Session fork = session.fork("m2").get();
  CHECK(ids(fork.messages()) == Ids{"m1", "m2"});
  CHECK(fork.info().messages == 2);
  CHECK(fork.state() == SessionState::active);
}

TEST_CASE("a fork behind a human's message gets a turn of its own, which undo takes back alone") {
  Engine engine = Engine::open(scripted(R"(["One.","Two."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("a");
  Session fork = session.fork("m1").get();
  CHECK(ids(fork.messages()) == Ids{"m1"});
  CHECK(fork.prompt().wait().outcome == Outcome::complete);
  fork.send_wait("b");
  fork.undo().get();
  CHECK(fork.messages().size() == 2);
}

TEST_CASE("a completed session can be forked and the fork is active, also when it is exported") {
  Engine engine = Engine::open(scripted(R"(["One.","Two."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("a");
  session.complete().get();
  Session fork = session.fork().get();
  CHECK(fork.state() == SessionState::active);
  fork.send_wait("b");
  Engine other = Engine::open(scripted());
  Session imported = other.import_session(engine.export_session(fork.id(), ExportFormat::json));
  CHECK(imported.state() == SessionState::active);
  CHECK(imported.info().usage == fork.info().usage);
  CHECK(imported.messages().size() == 4);
  const auto reply = imported.messages().back().id;
  CHECK(imported.explain(reply).sha256 == fork.explain(reply).sha256);
}

TEST_CASE("a fork's seed is its own and its replies can be explained") {
  Engine engine = Engine::open(scripted(R"(["One.","Two.","Three."])"));
  Session session = engine.create_session(conformance::two_in_a_room());
  session.send_wait("a");
  session.send_wait("b");
  Session fork = session.fork("m2").get();
  fork.send_wait("c");
  CHECK(fork.explain("m4").request.find("\"b\"") == std::string::npos);
  CHECK(fork.explain("m4").request.find("One.") != std::string::npos);
  CHECK(fork.explain("m2").sha256 == session.explain("m2").sha256);
}

TEST_CASE(
    "forking a session of 10,000 messages writes two rows, one more for analytics, and under 4 "
    "KiB, "
    "also on SQLite") {
  TempFolder folder;
  Config config = scripted(R"(["Yes."])");
  config.storage = "sqlite:" + folder.file("long.db");
  config.durability = Durability::process;
  config.metrics = {"sentiment"};
  config.limits.commands_per_session = 20'000;
  Engine engine = Engine::open(config);
  Session session = engine.create_session(conformance::two_in_a_room(), {.owner = "ann"});
  std::vector<Turn> turns;
  for (int i = 0; i < 10'000; ++i)
    turns.push_back(session.send("Number " + std::to_string(i) + ", please.", {.reply = false}));
  engine.run_until_idle();
  REQUIRE(session.info().messages == 10'000);
  const std::string middle = session.messages()[5'000].id;
  engine.run_until_idle();

  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(folder.file("long.db").c_str(), &db, SQLITE_OPEN_READONLY, nullptr) ==
          SQLITE_OK);
  for (const std::string& message : {std::string(), middle}) {
    const auto before = events_and_records(db), names_before = names_and_indexes(db);
    const Session fork = session.fork(message).get();
    CHECK(fork.info().messages == (message.empty() ? 10'000 : 5'001));
    const auto after = events_and_records(db), names_after = names_and_indexes(db);
    CHECK(after.rows - before.rows <= 3);  // event, session, analytics
    CHECK(after.bytes - before.bytes + names_after.bytes - names_before.bytes < 4'096);
    CHECK(names_after.rows - names_before.rows <=
          6);  // the stream's name, state, time, preset and owner, its analytics' day
  }
  engine.close();
  config.analytics.enabled = false;
  config.seed = 8;  // other ids
  Engine without = Engine::open(config);
  Session again = without.session(session.id());
  without.run_until_idle();
  const auto before = events_and_records(db);
  again.fork(middle).get();
  CHECK(events_and_records(db).rows - before.rows == 2);  // event and session
  sqlite3_close(db);
}
