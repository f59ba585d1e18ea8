#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "storage/backends/sqlite/sqlite.hpp"
#include "support/store_steps.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::append_one;
using test::code_of;
using test::TempFolder;

namespace {

Result<std::unique_ptr<Storage>> try_place(const std::string& path, bool read_only = false) {
  return sqlite::open(
      {.path = path, .read_only = read_only, .busy_timeout = std::chrono::milliseconds(20)});
}

std::unique_ptr<Storage> place(const std::string& path, bool read_only = false) {
  return std::move(try_place(path, read_only)).value_or_throw();
}

/// Every way to write or to vouch for what was written.
void check_refuses(Storage& store, const std::string& path, const std::string& copy) {
  CHECK(append_one(store, "session:a", 1) == ErrorCode::storage_failed);
  CHECK(code_of(store.scrub()) == ErrorCode::storage_failed);
  CHECK(code_of(store.check()) == ErrorCode::storage_failed);
  CHECK(code_of(store.backup(copy)) == ErrorCode::storage_failed);
  CHECK_FALSE(std::filesystem::exists(copy));
  const auto claimed = store.claim_job({.kind = "k"});
  REQUIRE_FALSE(claimed);
  CHECK(std::string(claimed.error().what()).find(path) != std::string::npos);
  CHECK(std::string(claimed.error().what()).find("removed or renamed") != std::string::npos);
}

}  // namespace

TEST_CASE("a file that is renamed while it is open takes no write until it is back") {
  TempFolder folder;
  const auto path = folder.file("a.db"), aside = folder.file("aside.db");
  auto store = place(path);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  std::filesystem::rename(path, aside);
  check_refuses(*store, path, folder.file("copy.db"));
  std::filesystem::rename(aside, path);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  CHECK(code_of(store->check()) == ErrorCode::ok);
  store.reset();
  CHECK(place(path, true)->last_seq("t", "session:a").value() == 2);
}

TEST_CASE("a file that is removed while it is open takes no write, and gets no new lock file") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  auto store = place(path);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".lock");
  check_refuses(*store, path, folder.file("copy.db"));
  CHECK_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST_CASE("a file that another one was put in place of takes no write, nor does the other") {
  TempFolder folder;
  const auto path = folder.file("a.db"), other = folder.file("other.db");
  auto store = place(path);
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  auto reader = place(path, true);
  CHECK(reader->last_seq("t", "session:a").value() == 1);
  REQUIRE(code_of(store->backup(other)) == ErrorCode::ok);
  std::filesystem::rename(other, path);
  check_refuses(*store, path, folder.file("copy.db"));
  CHECK(code_of(reader->check()) == ErrorCode::storage_failed);
}

TEST_CASE("a store goes on beside a backup, a reader and a scrub: none of them moves its file") {
  TempFolder folder;
  const auto path = folder.file("a.db");
  place(path).reset();
  std::filesystem::create_symlink(path, folder.file("link.db"));
  auto store = place(folder.file("link.db"));
  REQUIRE(append_one(*store, "session:a", 0) == ErrorCode::ok);
  auto reader = place(path, true);
  CHECK(code_of(store->backup(folder.file("copy.db"))) == ErrorCode::ok);
  CHECK(append_one(*store, "session:a", 1) == ErrorCode::ok);
  reader.reset();
  CHECK(code_of(store->scrub()) == ErrorCode::ok);
  CHECK(append_one(*store, "session:a", 2) == ErrorCode::ok);
  CHECK(code_of(store->check()) == ErrorCode::ok);
}

TEST_CASE("a folder, a pipe or a device is no store, is told so at once and gets no lock file") {
  TempFolder folder;
  const auto pipe = folder.file("pipe"), inner = folder.file("inner");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::filesystem::create_directory(inner);
  for (const bool read_only : {true, false}) {
    for (const auto& path : {pipe, inner, std::string("/dev/null")}) {
      CAPTURE(path);
      const auto opened = try_place(path, read_only);
      REQUIRE_FALSE(opened);
      CHECK(opened.error().code() == ErrorCode::invalid_argument);
      CHECK(std::string(opened.error().what()).find(path) != std::string::npos);
      CHECK_FALSE(std::filesystem::exists(path + ".lock"));
    }
  }
}

TEST_CASE("a file that is refused for what is in it gets no lock file beside it") {
  TempFolder folder;
  const auto path = folder.file("notes.txt");
  std::ofstream(path) << "no database";
  CHECK(code_of(try_place(path)) == ErrorCode::storage_corrupt);
  CHECK_FALSE(std::filesystem::exists(path + ".lock"));
}
