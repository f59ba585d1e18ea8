#include <doctest/doctest.h>
#include <sqlite3.h>

#include "storage/backends/sqlite/sqlite.hpp"
#include "support/fault_vfs.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::append_one;
using test::code_of;
using test::FaultVfs;
using test::TempFolder;

namespace {

std::unique_ptr<Storage> open(const std::string& path, const FaultVfs& vfs,
                              Durability durability = Durability::power) {
  return std::move(sqlite::open({.path = path, .durability = durability, .vfs = vfs.name()}))
      .value_or_throw();
}

}  // namespace

TEST_CASE("a full disk is storage_full, loses nothing, and is over when there is space again") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  vfs.fail_writes(SQLITE_FULL);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::storage_full);
  CHECK(append_one(*store, "session:new", 0) == ErrorCode::storage_full);
  CHECK(store->last_seq("t", "session:a").value() == 1);
  CHECK(store->read_events("t", "session:a", 0, 10).value().size() == 1);
  vfs.fail_writes(0);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(append_one(*store, "session:new", 0) == ErrorCode::ok);
  CHECK(store->check());
  store.reset();
  CHECK(open(folder.file("a.db"), vfs)->last_seq("t", "session:a").value() == 2);
}

TEST_CASE("a full disk fails every batch of the group and keeps none") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  vfs.fail_writes(SQLITE_FULL);
  const std::vector<Batch> group = {test::one_event("session:a", 0),
                                    test::one_event("session:b", 5)};
  for (const auto& result : store->commit(group)) CHECK(code_of(result) == ErrorCode::storage_full);
  vfs.fail_writes(0);
  CHECK(store->streams("t", "", 10).value().empty());
}

TEST_CASE("an I/O error while writing is storage_failed and over when the disk is") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  vfs.fail_writes(SQLITE_IOERR_WRITE);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::storage_failed);
  vfs.fail_writes(0);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(store->check());
}

TEST_CASE("a failed sync is never acknowledged") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  vfs.fail_syncs(SQLITE_IOERR_FSYNC);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::storage_failed);
  vfs.fail_syncs(0);
  CHECK(store->last_seq("t", "session:a").value() == 1);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(store->check());
}

TEST_CASE("in durability power a sync lies before each acknowledgement, one a group") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  const int before = vfs.syncs();
  std::vector<Batch> group;
  for (std::uint64_t i = 1; i <= 20; ++i) group.push_back(test::one_event("session:a", i));
  for (const auto& result : store->commit(group)) CHECK(result);
  CHECK(vfs.syncs() == before + 1);
  store.reset();
  auto process = open(folder.file("b.db"), vfs, Durability::process);
  REQUIRE(append_one(*process, "session:a", 0) == ErrorCode::ok);
  const int unsynced = vfs.syncs();
  REQUIRE(append_one(*process, "session:a", 1) == ErrorCode::ok);
  CHECK(vfs.syncs() == unsynced);
}

TEST_CASE("a read error is storage_failed for the read alone") {
  TempFolder folder;
  FaultVfs vfs;
  const auto path = folder.file("a.db");
  REQUIRE(append_one(*open(path, vfs), "session:a", 0) == ErrorCode::ok);
  auto store = open(path, vfs);
  vfs.fail_reads(SQLITE_IOERR_READ);
  CHECK(code_of(store->read_events("t", "session:a", 0, 10)) == ErrorCode::storage_failed);
  vfs.fail_reads(0);
  CHECK(store->read_events("t", "session:a", 0, 10).value().size() == 1);
}

TEST_CASE("an allocation that SQLite fails is out_of_memory") {
  TempFolder folder;
  FaultVfs vfs;
  auto store = open(folder.file("a.db"), vfs);
  vfs.fail_writes(SQLITE_IOERR_NOMEM);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::out_of_memory);
  vfs.fail_writes(SQLITE_NOMEM);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::out_of_memory);
  vfs.fail_writes(0);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::ok);
}

TEST_CASE("a file that cannot be opened is storage_failed, and works later") {
  TempFolder folder;
  FaultVfs vfs;
  vfs.fail_opens(SQLITE_CANTOPEN);
  const auto refused = sqlite::open({.path = folder.file("a.db"), .vfs = vfs.name()});
  CHECK(code_of(refused) == ErrorCode::storage_failed);
  vfs.fail_opens(0);
  CHECK(append_one(*open(folder.file("a.db"), vfs), "session:a", 0) == ErrorCode::ok);
}

TEST_CASE("whichever file call fails, what was acknowledged is there and the store is whole") {
  const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
  for (const int code : codes) {
    bool reached_end = false;
    for (int n = 1; !reached_end && n < 2000; ++n) {
      TempFolder folder;
      FaultVfs vfs;
      const auto path = folder.file("a.db");
      std::uint64_t acknowledged = 0;
      vfs.fail_call(n, code);
      if (auto opened = sqlite::open({.path = path, .vfs = vfs.name()})) {
        auto store = std::move(*opened);
        for (int i = 0; i < 8; ++i) {
          const auto next = store->last_seq("t", "session:a");
          if (next && append_one(*store, "session:a", *next) == ErrorCode::ok)
            acknowledged = *next + 1;
        }
      }
      reached_end = vfs.calls() < n;
      vfs.fail_call(0, 0);
      auto store = open(path, vfs);
      CHECK(store->last_seq("t", "session:a").value() >= acknowledged);
      CHECK(store->check());
    }
    CHECK(reached_end);
  }
}

namespace {

// Two hooks of SQLite's own: the first catches the writer's connection, the second spoils the
// answer of a COMMIT that has taken place.
sqlite3* g_last_opened = nullptr;
int remember_connection(sqlite3* connection, char**, const struct sqlite3_api_routines*) {
  if (!g_last_opened) g_last_opened = connection;
  return SQLITE_OK;
}
int lose_answer(void*, sqlite3*, const char*, int) {
  return SQLITE_IOERR;
}

}  // namespace

TEST_CASE("a COMMIT whose answer was lost is settled by reading") {
  TempFolder folder;
  FaultVfs vfs;
  g_last_opened = nullptr;
  const auto hook = reinterpret_cast<void (*)()>(remember_connection);
  sqlite3_auto_extension(hook);
  auto store = open(folder.file("a.db"), vfs);
  sqlite3_cancel_auto_extension(hook);
  REQUIRE(g_last_opened);
  sqlite3_wal_hook(g_last_opened, lose_answer, nullptr);
  CHECK(append_one(*store, "session:a", 0) == ErrorCode::ok);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  Batch document{.records = {{.key = {"t", "session", "a"}, .json = "{}"}}};
  CHECK(code_of(store->commit({&document, 1})[0]) == ErrorCode::ok);
  Batch job{.jobs = {{.tenant = "t", .kind = "k", .id = "j", .payload = "{}"}}};
  CHECK(code_of(store->commit({&job, 1})[0]) == ErrorCode::ok);
  CHECK(append_one(*store, "session:a", 7) == ErrorCode::conflict);
  CHECK(store->last_seq("t", "session:a").value() == 2);
}
