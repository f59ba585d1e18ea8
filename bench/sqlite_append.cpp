// sqlite_append [FOLDER [ROWS [ROUNDS]]]: acknowledged appends through Storage::commit against raw
// prepared statements with the same columns, index, grouping and sync, in interleaved rounds of one
// run. A JSON line each for both durabilities and three group sizes; `ratio` is the raw statements'
// CPU time divided by ours (median of the rounds): 1.0 would be no overhead at all, the aim is 0.9.

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "storage/registry.hpp"

using namespace scena;

namespace {

constexpr int kStreams = 200;
/// The first event of each stream is written before the clock starts: the store also enters the
/// stream's name then, which the raw statements have no counterpart of.
std::size_t groups_before_start(const std::vector<std::vector<Batch>>& groups) {
  return (static_cast<std::size_t>(kStreams) + groups[0].size() - 1) / groups[0].size();
}

constexpr std::size_t kDataBytes =
    320;  // a stored message with its ids, usage and 240 bytes of text

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

void must(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "sqlite_append: %s failed\n", what);
  std::exit(1);
}

/// Rows in groups; each row is a batch of its own, as the messages of different sessions are.
std::vector<std::vector<Batch>> make_groups(int rows, int group_size) {
  std::vector<std::vector<Batch>> groups;
  for (int row = 0; row < rows; ++row) {
    if (row % group_size == 0) groups.emplace_back();
    const auto stream =
        "session:0192f0c4-1111-7222-8333-44445555" + std::to_string(1000 + row % kStreams);
    const auto seq = static_cast<std::uint64_t>(row / kStreams) + 1;
    Append append{.tenant = "default", .stream = stream, .expected_seq = seq - 1};
    Event event;
    event.stream = stream;
    event.seq = seq;
    event.type = "message.stored";
    event.time = WallTime(std::chrono::microseconds(1'790'000'000'000'000 + row));
    event.actor = "anna";
    event.cause = "0192f0c4-2222-7222-8333-444455556666";
    event.data = "{\"text\":\"" + std::string(kDataBytes - 11, 'w') + "\"}";
    append.events.push_back(std::move(event));
    groups.back().emplace_back().appends.push_back(std::move(append));
  }
  return groups;
}

void remove_database(const std::string& path) {
  for (const char* tail : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + tail);
}

double run_storage(const std::string& path, Durability durability,
                   const std::vector<std::vector<Batch>>& groups) {
  remove_database(path);
  auto opened = open_storage({.url = "sqlite:" + path, .durability = durability});
  must(opened.has_value(), "opening the store");
  auto start = cpu_seconds();
  auto left = groups_before_start(groups);
  for (const auto& group : groups) {
    if (left-- == 0) start = cpu_seconds();
    for (const auto& result : (*opened)->commit(group)) must(result.has_value(), "a commit");
  }
  return cpu_seconds() - start;
}

void execute(sqlite3* database, const char* sql) {
  must(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql);
}

void bind(sqlite3_stmt* statement, int at, const std::string& text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void step(sqlite3_stmt* statement) {
  must(sqlite3_step(statement) == SQLITE_DONE, "a raw step");
  sqlite3_reset(statement);
}

double run_raw(const std::string& path, Durability durability,
               const std::vector<std::vector<Batch>>& groups) {
  remove_database(path);
  sqlite3* database = nullptr;
  must(sqlite3_open_v2(path.c_str(), &database,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                       nullptr) == SQLITE_OK,
       "sqlite3_open");
  execute(database, "PRAGMA journal_mode = WAL");
  execute(database, durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                    : "PRAGMA synchronous = NORMAL");
  execute(database,
          "CREATE TABLE event(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT "
          "NULL, type TEXT NOT NULL, "
          "time INTEGER NOT NULL, actor TEXT NOT NULL, audience TEXT, cause TEXT NOT NULL, data "
          "TEXT NOT NULL);"
          "CREATE UNIQUE INDEX event_by_seq ON event(stream, seq)");
  sqlite3_stmt *begin = nullptr, *insert = nullptr, *commit = nullptr;
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, nullptr);
  sqlite3_prepare_v2(database,
                     "INSERT INTO event(stream, seq, type, time, actor, audience, cause, data) "
                     "VALUES(?,?,?,?,?,?,?,?)",
                     -1, &insert, nullptr);
  sqlite3_prepare_v2(database, "COMMIT", -1, &commit, nullptr);
  auto start = cpu_seconds();
  auto left = groups_before_start(groups);
  int row = 0;
  for (const auto& group : groups) {
    if (left-- == 0) start = cpu_seconds();
    step(begin);
    for (const auto& batch : group) {
      const auto& event = batch.appends[0].events[0];
      sqlite3_bind_int64(insert, 1, row++ % kStreams + 1);
      sqlite3_bind_int64(insert, 2, static_cast<sqlite3_int64>(event.seq));
      bind(insert, 3, event.type);
      sqlite3_bind_int64(insert, 4, event.time.time_since_epoch().count());
      bind(insert, 5, event.actor);
      sqlite3_bind_null(insert, 6);
      bind(insert, 7, event.cause);
      bind(insert, 8, event.data);
      step(insert);
    }
    step(commit);
  }
  const auto seconds = cpu_seconds() - start;
  for (auto* statement : {begin, insert, commit}) sqlite3_finalize(statement);
  sqlite3_close(database);
  return seconds;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const int rows = argc > 2 ? std::atoi(argv[2]) : 50'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const auto path = folder + "/sqlite_append.db";
  for (const auto durability : {Durability::process, Durability::power}) {
    for (const int group_size : {1, 10, 100}) {
      const int count = group_size == 1 && durability == Durability::power ? rows / 10 : rows;
      const auto groups = make_groups(count, group_size);
      std::vector<double> ratios, ours, raws;
      for (int round = 0; round < rounds; ++round) {
        raws.push_back(run_raw(path, durability, groups));
        ours.push_back(run_storage(path, durability, groups));
        ratios.push_back(raws.back() / ours.back());
      }
      std::printf(
          "{\"bench\":\"sqlite_append\",\"durability\":\"%s\",\"group\":%d,\"rows\":%d,\"rounds\":%"
          "d,"
          "\"raw_rows_per_cpu_s\":%.0f,\"rows_per_cpu_s\":%.0f,\"ratio\":%.3f}\n",
          durability == Durability::power ? "power" : "process", group_size, count, rounds,
          (count - kStreams) / median(raws), (count - kStreams) / median(ours), median(ratios));
      std::fflush(stdout);
    }
  }
  remove_database(path);
  return 0;
}
