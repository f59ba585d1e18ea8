#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace scena::sqlite {

/// One connection and its prepared statements. Everything here throws SQLite::Exception; whoever
/// uses it catches at the edge of the backend. Threading: one thread at a time.
class Connection {
 public:
  Connection(const std::string& path, int flags, const std::string& vfs,
             std::chrono::milliseconds busy_timeout);

  /// The prepared statement of a text; `sql` must be a literal, its address is the key.
  SQLite::Statement& prepared(const char* sql);

  void execute(const char* sql) { database_.exec(sql); }
  std::int64_t pragma_number(const char* name);
  bool in_transaction() const noexcept;
  /// Whether the file has another name by now, or none, or another file has its name. Costs a
  /// stat().
  bool file_has_moved() const noexcept;
  /// Ends an open transaction, whatever state a failure left it in. Never fails.
  void roll_back() noexcept;
  sqlite3* handle() const noexcept { return database_.getHandle(); }
  SQLite::Database& database() noexcept { return database_; }

 private:
  SQLite::Database database_;
  std::unordered_map<const char*, SQLite::Statement> statements_;
};

/// One use of a prepared statement: bind in order, then run or fetch; reset at the end of the
/// scope. Bound strings are borrowed until then.
class Query {
 public:
  Query(Connection& connection, const char* sql) : Query(connection.prepared(sql)) {}
  explicit Query(SQLite::Statement& statement) noexcept : statement_(statement) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(const std::string& text) {
    statement_.bindNoCopy(++index_, text);
    return *this;
  }
  Query& bind(std::int64_t number) {
    statement_.bind(++index_, number);
    return *this;
  }
  /// Sequence numbers and limits; larger than the database's integers means its largest.
  Query& bind_count(std::uint64_t number) {
    return bind(number > std::uint64_t{INT64_MAX} ? INT64_MAX : static_cast<std::int64_t>(number));
  }
  Query& bind_bytes(const std::string& bytes) {
    statement_.bindNoCopy(++index_, bytes.data(), static_cast<int>(bytes.size()));
    return *this;
  }
  Query& bind_null() {
    statement_.bind(++index_);
    return *this;
  }

  /// True when a row was fetched.
  bool next() { return statement_.executeStep(); }
  void run() {
    while (next()) {
    }
  }

  std::int64_t number(int column) { return statement_.getColumn(column).getInt64(); }
  std::uint64_t count(int column) { return static_cast<std::uint64_t>(number(column)); }
  std::string text(int column) { return statement_.getColumn(column).getString(); }
  bool is_null(int column) { return statement_.isColumnNull(column); }

 private:
  SQLite::Statement& statement_;
  int index_ = 0;
};

}  // namespace scena::sqlite
