#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/sha256.hpp"
#include "storage/backends/sqlite/errors.hpp"
#include "storage/backends/sqlite/schema.hpp"
#include "storage/backends/sqlite/sqlite.hpp"
#include "storage/registry.hpp"
#include "support/sql_rows.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::append_one;
using test::code_of;
using test::rows;
using test::TempFolder;

namespace {

Result<std::unique_ptr<Storage>> try_open(const std::string& path, bool read_only = false) {
  return sqlite::open(
      {.path = path, .read_only = read_only, .busy_timeout = std::chrono::milliseconds(20)});
}

std::unique_ptr<Storage> open(const std::string& path, bool read_only = false) {
  return std::move(try_open(path, read_only)).value_or_throw();
}

/// A program of its own, such as the sqlite3 shell.
void run_sql(const std::string& path, const char* sql) {
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// Opening must fail with this code and leave every byte as it was.
void check_untouched(const std::string& path, ErrorCode code) {
  const auto before = bytes_of(path);
  for (bool read_only : {false, true}) {
    const auto opened = try_open(path, read_only);
    REQUIRE_FALSE(opened);
    CHECK(code_of(opened) == code);
    CHECK(std::string(opened.error().what()).find(path) != std::string::npos);
    CHECK(bytes_of(path) == before);
  }
}

}  // namespace

TEST_CASE("a file that is no database is storage_corrupt and stays as it is") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  for (const auto& bytes :
       {std::string("hello"), std::string(5000, 'x'), std::string("SQLite format 3\0", 16)}) {
    write_bytes(path, bytes);
    check_untouched(path, ErrorCode::storage_corrupt);
  }
}

TEST_CASE("a damaged schema page is storage_corrupt") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  open(path).reset();
  auto bytes = bytes_of(path);
  for (std::size_t i = 100; i < 4096; ++i) bytes[i] = '\xEE';
  write_bytes(path, bytes);
  check_untouched(path, ErrorCode::storage_corrupt);
}

TEST_CASE("a damaged page of content is found by check, and by whoever reads it") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  {
    auto store = open(path);
    for (std::uint64_t i = 0; i < 50; ++i)
      REQUIRE(append_one(*store, "session:a", i, "\"" + std::string(2000, 'x') + "\"") ==
              ErrorCode::ok);
  }
  auto bytes = bytes_of(path);
  for (std::size_t i = bytes.size() - 40'960; i < bytes.size(); ++i) bytes[i] = '\xEE';
  write_bytes(path, bytes);
  auto store = open(path);
  CHECK(code_of(store->check()) == ErrorCode::storage_corrupt);
  CHECK(code_of(store->read_events("t", "session:a", 0, 1000)) == ErrorCode::storage_corrupt);
}

TEST_CASE("a file of a newer schema is version_mismatch and stays as it is") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  open(path).reset();
  run_sql(path, "PRAGMA user_version = 99");
  check_untouched(path, ErrorCode::version_mismatch);
}

TEST_CASE("a file whose tables are missing gives one clear error and stays as it is") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  open(path).reset();
  run_sql(path, "DROP TABLE event; DROP TABLE job");
  check_untouched(path, ErrorCode::storage_corrupt);
  CHECK(std::string(try_open(path).error().what()).find("2 of its 7 tables") != std::string::npos);
}

TEST_CASE("a file of the first released schema opens, shows all it holds, and goes on") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  run_sql(path, bytes_of(SCENA_TEST_DIR "/golden/storage/schema1.sql").c_str());
  run_sql(path,
          "INSERT INTO job VALUES(1, 't', 'old', 'mail', 'running', '{}', '', 0, 1, 3, 0, 2)");
  CHECK(code_of(try_open(path, true)) == ErrorCode::version_mismatch);
  for (const bool read_only : {false, true}) {
    CAPTURE(read_only);
    auto store = open(path, read_only);
    CHECK(store->check());
    const auto events = store->read_events("default", "session:first", 0, 100);
    REQUIRE(events);
    REQUIRE(events->size() >= 4);
    CHECK(events->front().type == "session.created");
    CHECK(store->get({"default", "session", "first"}).value());
    CHECK(store->job("t", "old").value()->attempts == 1);
  }
  auto store = open(path);
  const auto last = store->last_seq("default", "session:first").value();
  Batch next;
  next.appends.push_back({.tenant = "default", .stream = "session:first", .expected_seq = last});
  Event event;
  event.stream = "session:first";
  event.seq = last + 1;
  event.type = "app.note";
  event.data = "{}";
  next.appends[0].events.push_back(event);
  CHECK(store->commit({&next, 1})[0]);
  CHECK(store->reclaim_jobs(WallTime::max(), {}, "died").value() == 1);
  CHECK(store->claim_job({.kind = "mail"}).value()->attempts == 2);
}

TEST_CASE("sessions of an older schema are found by their preset, forks by their first parent's") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  const std::string made = R"({"preset":{"id":"p","sha256":"abc"}})";
  const std::vector<std::vector<std::string>> sessions = {
      {"root", "session.created", made},
      {"fork", "session.forked", R"({"parent":"root","at":1})"},
      {"deep", "session.forked", R"({"parent":"fork","at":1})"},
      {"other", "session.created", R"({"preset":{"id":"q","sha256":"def"}})"},
      {"round", "session.forked", R"({"parent":"round","at":1})"},
      {"torn", "session.created", "{"},
      {"lost", "session.forked", R"({"parent":"nobody","at":1})"}};
  Batch batch;
  for (const auto& session : sessions) {
    Event event;
    event.stream = "session:" + session[0];
    event.seq = 1;
    event.type = session[1];
    event.data = session[2];
    batch.appends.push_back({"t", event.stream, 0, 0, {event}});
    RecordWrite record;
    record.key = {"t", "session", session[0]};
    record.json = "{}";
    record.index = {{"state", "active"}};
    batch.records.push_back(record);
  }
  batch.records.back().index.clear();
  REQUIRE(open(path)->commit({&batch, 1})[0]);
  run_sql(path, "PRAGMA user_version = 3");
  auto store = open(path);
  const auto found = [&](const std::string& sha256) {
    RecordQuery query;
    query.tenant = "t";
    query.kind = "session";
    query.where = {"preset_sha256", sha256};
    std::vector<std::string> ids;
    const auto records = store->list(query);
    for (const auto& record : *records) ids.push_back(record.key.id);
    return ids;
  };
  CHECK(found("abc") == std::vector<std::string>{"deep", "fork", "root"});
  CHECK(found("def") == std::vector<std::string>{"other"});
  CHECK(store->get({"t", "session", "fork"}).value()->index ==
        std::vector<std::pair<std::string, std::string>>{{"state", "active"},
                                                         {"preset_sha256", "abc"}});
  for (const char* unknown : {"round", "torn"})
    CHECK(store->get({"t", "session", unknown}).value()->index.size() == 1);
  CHECK(store->get({"t", "session", "lost"}).value()->index.empty());
  for (const char* id : {"fork", "deep", "root"}) {
    RecordWrite erase;
    erase.key = {"t", "session", id};
    erase.erase = true;
    CHECK(store->commit(std::vector<Batch>{{.records = {erase}}})[0]);
  }
  CHECK(found("abc").empty());
}

TEST_CASE("presets that erasures of an older build left go when its file is opened, no others") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  const std::string sha256 = sha256_hex("left"), needed = sha256_hex("needed");
  Batch batch;
  const auto begin = [&](const std::string& tenant, const std::string& name,
                         const std::string& data) {
    Event event;
    event.stream = "session:" + name;
    event.seq = 1;
    event.type = "session.created";
    event.data = data;
    batch.appends.push_back({tenant, event.stream, 0, 0, {event}});
  };
  begin("t", "deleted", R"({"preset":{"sha256":")" + needed + R"("}})");
  begin("torn", "a", "{");
  for (const char* tenant : {"t", "torn", "empty"}) {
    batch.blobs.push_back({tenant, sha256, "application/json", "left"});
    batch.blobs.push_back({tenant, needed, "application/json", "needed"});
  }
  batch.blobs.push_back({"t", sha256_hex("host's"), "image/png", "host's"});
  REQUIRE(open(path)->commit({&batch, 1})[0]);
  run_sql(path, "PRAGMA user_version = 3");
  auto store = open(path);
  const auto is_there = [&](const char* tenant, const std::string& name) {
    return store->blob(tenant, name).value().has_value();
  };
  CHECK_FALSE(is_there("t", sha256));
  CHECK(is_there("t", needed));
  CHECK(is_there("t", sha256_hex("host's")));
  CHECK(is_there("torn", sha256));
  CHECK_FALSE(is_there("empty", needed));
}

TEST_CASE("the views of another build are made anew, the schema and all content stay") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  open(path).reset();
  const char* sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name";
  const auto ours = rows(path, sql);
  CHECK(ours.size() == 4);
  for (const auto* other : {"DROP VIEW v_costs; CREATE VIEW v_costs AS SELECT 1 AS cost",
                            "DROP VIEW v_metrics; DROP VIEW v_messages"}) {
    run_sql(path, other);
    open(path, true).reset();
    CHECK(rows(path, sql) != ours);
    open(path).reset();
    CHECK(rows(path, sql) == ours);
  }
  CHECK(rows(path, "PRAGMA user_version") == std::vector<std::string>{"4"});
  const auto changes = rows(path, "PRAGMA schema_version");
  CHECK(append_one(*open(path), "session:a", 0) == ErrorCode::ok);
  CHECK(rows(path, "PRAGMA schema_version") == changes);
}

TEST_CASE("another program's database is refused and stays as it is") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  run_sql(path, "CREATE TABLE mine(x); PRAGMA user_version = 1");
  check_untouched(path, ErrorCode::invalid_argument);
  run_sql(path, "PRAGMA application_id = 4711");
  check_untouched(path, ErrorCode::invalid_argument);
}

TEST_CASE("an older schema is brought up to date, a failing step leaves it as it was") {
  TempFolder folder;
  sqlite::Connection file(folder.file("a.db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "",
                          std::chrono::milliseconds(0));
  const auto first = sqlite::migrations()[0];
  sqlite::migrate(file, std::span(&first, 1));
  file.execute("INSERT INTO stream(tenant, name) VALUES('t', 'session:old')");
  const sqlite::Migration good[] = {
      first, {2, "ALTER TABLE stream ADD COLUMN note TEXT"}, {3, "UPDATE stream SET note = 'new'"}};
  const sqlite::Migration bad[] = {good[0], good[1], {3, "UPDATE stream SET nonsense = 1"}};
  CHECK_THROWS(sqlite::migrate(file, bad));
  CHECK(file.pragma_number("user_version") == 1);
  CHECK_THROWS(file.execute("SELECT note FROM stream"));
  sqlite::migrate(file, good);
  sqlite::migrate(file, good);
  CHECK(file.pragma_number("user_version") == 3);
  CHECK(file.database().execAndGet("SELECT note FROM stream").getString() == "new");
}

TEST_CASE("a file of our own without any schema yet is given one") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  run_sql(path, "PRAGMA application_id = 0x5343454E; CREATE TABLE x(y); DROP TABLE x");
  CHECK(append_one(*open(path), "session:a", 0) == ErrorCode::ok);
  write_bytes(folder.file("empty.db"), "");
  CHECK(append_one(*open(folder.file("empty.db")), "session:a", 0) == ErrorCode::ok);
}

TEST_CASE("the database and its companions are readable by their owner alone") {
  TempFolder folder;
  auto store = open(folder.file("a.db"));
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  REQUIRE(store->backup(folder.file("copy.db")));
  for (const auto* name : {"a.db", "a.db-wal", "a.db-shm", "a.db.lock", "copy.db"}) {
    struct stat info {};
    REQUIRE(::stat(folder.file(name).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a second engine on the same file gets conflict with its name, a reader does not") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  auto store = open(path);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  const auto second = try_open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == ErrorCode::conflict);
  CHECK(std::string(second.error().what()).find(path) != std::string::npos);
  REQUIRE(::symlink(path.c_str(), folder.file("link.db").c_str()) == 0);
  CHECK(code_of(try_open(folder.file("link.db"))) == ErrorCode::conflict);
  auto reader = open(path, true);
  CHECK(reader->info().read_only);
  REQUIRE(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(reader->last_seq("t", "session:a").value() == 2);
  CHECK(append_one(*reader, "session:a", 2) == ErrorCode::unsupported);
  CHECK(code_of(reader->claim_job({.kind = "k"})) == ErrorCode::unsupported);
  store.reset();
  CHECK(append_one(*open(path), "session:a", 2) == ErrorCode::ok);
}

TEST_CASE(
    "an engine whose lock file is removed takes it again, or stops where another was quicker") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  auto store = open(path);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  REQUIRE(::unlink((path + ".lock").c_str()) == 0);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(code_of(try_open(path)) == ErrorCode::conflict);

  REQUIRE(::unlink((path + ".lock").c_str()) == 0);
  auto second = open(path);
  CHECK(append_one(*store, "session:a", 2) == ErrorCode::conflict);
  const auto claimed = store->claim_job({.kind = "k"});
  REQUIRE_FALSE(claimed);
  CHECK(std::string(claimed.error().what()).find("another engine has had it since") !=
        std::string::npos);
  CHECK(append_one(*second, "session:a", 2) == ErrorCode::ok);
  CHECK(store->last_seq("t", "session:a").value() == 3);  // reading goes on
  second.reset();
  CHECK(append_one(*store, "session:a", 3) == ErrorCode::conflict);  // it knows an older file
  store.reset();
  CHECK(append_one(*open(path), "session:a", 3) == ErrorCode::ok);
}

TEST_CASE("the lock of an engine whose process was killed is free at once") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const auto child = ::fork();
  if (child == 0) {
    auto store = try_open(path);
    const char ready = store && append_one(**store, "session:a", 0) == ErrorCode::ok ? 'y' : 'n';
    (void)!::write(pipe_ends[1], &ready, 1);
    for (;;) ::pause();
  }
  char ready = 0;
  REQUIRE(::read(pipe_ends[0], &ready, 1) == 1);
  CHECK(ready == 'y');
  CHECK(code_of(try_open(path)) == ErrorCode::conflict);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(append_one(*open(path), "session:a", 1) == ErrorCode::ok);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST_CASE("a file locked by another program is unavailable for a bounded time, then works") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  auto store = open(path);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::unavailable);
  CHECK(store->last_seq("t", "session:a").value() == 0);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::ok);
  sqlite3_close(other);
}

TEST_CASE("a place that cannot be written is storage_failed, or memory where that was asked for") {
  const std::string url = "sqlite:/proc/no-such-place/a.db";
  CHECK(code_of(open_storage({.url = url})) == ErrorCode::storage_failed);
  const auto fallen = open_storage({.url = url, .fallback_to_memory = true});
  REQUIRE(fallen);
  CHECK(fallen.value()->info().backend == "memory");
  TempFolder folder;
  write_bytes(folder.file("empty.db"), "");
  CHECK(code_of(try_open(folder.file("empty.db"), true)) == ErrorCode::not_found);
  CHECK_FALSE(try_open(folder.path()));
  CHECK_FALSE(try_open(folder.file("absent.db"), true));
}

TEST_CASE("an unprivileged user's read-only folder or file is a clear error, never a crash") {
  TempFolder folder;
  const auto stored = folder.file("stored.db");
  REQUIRE(append_one(*open(stored), "session:a", 0) == ErrorCode::ok);
  REQUIRE(::chmod(stored.c_str(), 0444) == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  const auto child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(65'534) != 0) ::_exit(9);
    const auto created = try_open(folder.file("new.db"));
    const auto opened = try_open(stored);
    const bool told = code_of(created) == ErrorCode::storage_failed &&
                      code_of(opened) == ErrorCode::storage_failed &&
                      std::string(created.error().what()).find("new.db") != std::string::npos &&
                      std::string(opened.error().what()).find("stored.db") != std::string::npos;
    const auto fallen = open_storage({.url = "sqlite:" + stored, .fallback_to_memory = true});
    const auto reader = try_open(stored, true);  // closed in order: one file, without a log
    const bool read = reader && (*reader)->last_seq("t", "session:a").value_or_throw() == 1;
    ::_exit(told && read && fallen && fallen.value()->info().backend == "memory" ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(stored.c_str(), 0644) == 0);
  CHECK(open(stored)->last_seq("t", "session:a").value() == 1);
}

TEST_CASE("a name that SQLite would take for a URI is a name") {
  TempFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  {
    auto store = open("file:a.db");
    REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
    CHECK(store->backup("file:copy.db?mode=memory"));
  }
  std::filesystem::current_path(before);
  CHECK(open(folder.file("file:a.db"))->last_seq("t", "session:a").value() == 1);
  CHECK(open(folder.file("file:copy.db?mode=memory"))->last_seq("t", "session:a").value() == 1);
}

TEST_CASE("URLs name files in the forms people use") {
  auto path = [](const char* url) {
    const auto named = sqlite::path_of({.url = url});
    return named ? *named : std::string(to_string(named.error().code()));
  };
  CHECK(path("sqlite:a.db") == "a.db");
  CHECK(path("sqlite:./dir/a.db") == "./dir/a.db");
  CHECK(path("sqlite:/abs/a.db") == "/abs/a.db");
  CHECK(path("sqlite:///abs/a.db") == "/abs/a.db");
  CHECK(path("file:./prisma/dev.db") == "./prisma/dev.db");
  CHECK(path("sqlite:") == "invalid_argument");
  CHECK(path("sqlite::memory:") == "invalid_argument");
  CHECK(path("sqlite:a.db?mode=ro") == "invalid_argument");
}

TEST_CASE("a backup taken while writing goes on is whole, and never overwrites") {
  TempFolder folder;
  auto store = open(folder.file("a.db"));
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> written{1};
  std::thread writer([&] {
    while (!stop && append_one(*store, "session:a", written) == ErrorCode::ok) ++written;
  });
  for (int i = 0; i < 5; ++i) {
    const auto copy = folder.file("copy" + std::to_string(i));
    const auto before = written.load();
    REQUIRE(store->backup(copy));
    auto restored = open(copy);
    CHECK(restored->last_seq("t", "session:a").value() >= before);
    CHECK(restored->check());
  }
  stop = true;
  writer.join();
  const auto copy = bytes_of(folder.file("copy0"));
  CHECK(code_of(store->backup(folder.file("copy0"))) == ErrorCode::already_exists);
  CHECK(bytes_of(folder.file("copy0")) == copy);
  CHECK(code_of(store->backup("/proc/no-such-place/copy")) == ErrorCode::storage_failed);
}

TEST_CASE("readers beside the writer see whole batches only") {
  TempFolder folder;
  auto store = open(folder.file("a.db"));
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {  // more than there are connections
    readers.emplace_back([&] {
      while (!stop) {
        const auto a = store->last_seq("t", "session:a");
        const auto events = store->read_events("t", "session:a", 0, 100'000);
        if (!a || !events || events->size() < *a || events->size() % 2 != 0) ++torn;
      }
    });
  }
  for (std::uint64_t i = 0; i < 200; i += 2) {
    auto batch = test::one_event("session:a", i);
    batch.appends.push_back(test::one_event("session:a", i + 1).appends[0]);
    CHECK(store->commit({&batch, 1})[0]);
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(torn == 0);
}

TEST_CASE("check finds a hole in a stream") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  auto store = open(path);
  for (std::uint64_t i = 0; i < 3; ++i)
    REQUIRE(append_one(*store, "session:a", i) == ErrorCode::ok);
  CHECK(store->check());
  run_sql(path, "DELETE FROM event WHERE seq = 2");
  const auto checked = store->check();
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code() == ErrorCode::storage_corrupt);
  CHECK(std::string(checked.error().what()).find("session:a") != std::string::npos);
}

TEST_CASE("every answer of SQLite has its code, and none repeats what was written") {
  using E = ErrorCode;
  const std::pair<int, E> expected[] = {{SQLITE_FULL, E::storage_full},
                                        {SQLITE_IOERR_WRITE, E::storage_failed},
                                        {SQLITE_IOERR_NOMEM, E::out_of_memory},
                                        {SQLITE_NOMEM, E::out_of_memory},
                                        {SQLITE_CORRUPT_INDEX, E::storage_corrupt},
                                        {SQLITE_NOTADB, E::storage_corrupt},
                                        {SQLITE_BUSY_SNAPSHOT, E::unavailable},
                                        {SQLITE_LOCKED, E::unavailable},
                                        {SQLITE_READONLY_DIRECTORY, E::storage_failed},
                                        {SQLITE_CANTOPEN_ISDIR, E::storage_failed},
                                        {SQLITE_PERM, E::storage_failed},
                                        {SQLITE_TOOBIG, E::too_large},
                                        {SQLITE_INTERRUPT, E::cancelled},
                                        {SQLITE_CONSTRAINT_UNIQUE, E::storage_corrupt},
                                        {SQLITE_NOLFS, E::storage_failed},
                                        {SQLITE_ERROR, E::internal},
                                        {SQLITE_MISUSE, E::internal},
                                        {SQLITE_PROTOCOL, E::unavailable},
                                        {SQLITE_SCHEMA, E::unavailable},
                                        {SQLITE_IOERR_CORRUPTFS, E::storage_corrupt},
                                        {SQLITE_AUTH, E::storage_failed}};
  for (const auto& each : expected) {
    CAPTURE(each.first);
    CHECK(sqlite::to_error(each.first, "x.db").code() == each.second);
  }
}
