#pragma once

#include <scena/ext/storage.hpp>

#include "storage/backends/sqlite/connection.hpp"

namespace scena::sqlite {

/// How values stand in columns. Times are microseconds since 1970.
inline std::int64_t to_column(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime to_time(std::int64_t column) {
  return WallTime(std::chrono::microseconds(column));
}

/// "hosts" or a JSON array of names; an audience of all is NULL.
std::string audience_text(const Audience& audience);
Result<Audience> parse_audience(const std::string& text);

/// Index fields as a JSON array of [field, value] pairs.
std::string fields_text(const std::vector<std::pair<std::string, std::string>>& fields);
Result<std::vector<std::pair<std::string, std::string>>> parse_fields(const std::string& text);

Result<Job::State> parse_state(const std::string& text);

/// The columns "tenant, kind, id, version, json, fields".
Result<Record> read_record(Query& row);
/// The columns "seq, type, time, actor, audience, cause, data".
Result<Event> read_event(Query& row, std::string_view stream);
/// The columns "tenant, kind, id, state, payload, result, priority, attempts, max_attempts,
/// run_after, order_key, stream, number, claim, owner, claimed_until, changed".
Result<Job> read_job(Query& row);

}  // namespace scena::sqlite
