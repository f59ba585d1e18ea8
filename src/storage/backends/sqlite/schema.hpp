#pragma once

#include <span>

#include "storage/backends/sqlite/connection.hpp"

namespace scena::sqlite {

inline constexpr std::int64_t kApplicationId = 0x5343454E;  ///< "SCEN", in the file's header.

/// One step of the schema: brings a file of version - 1 to `version`.
struct Migration {
  int version;
  const char* sql;
};

/// Every step since the first, in order. A released step never changes; a change is a new one.
std::span<const Migration> migrations();

/// The version that this build writes.
int schema_version();

/// Brings the file up to the last of `steps` in one transaction, and makes the views anew; does
/// nothing when it is there already. Throws SQLite::Exception; then nothing has changed.
void migrate(Connection& connection, std::span<const Migration> steps);

/// The views v_sessions, v_messages, v_metrics and v_costs; docs/reference/storage.md describes
/// them.
const char* views_sql();

}  // namespace scena::sqlite
