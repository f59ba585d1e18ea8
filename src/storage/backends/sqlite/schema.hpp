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

/// A view, and its two statements; SQLite keeps the text of the second as it is given.
struct View {
  const char* name;
  const char* drop;
  const char* create;
};

/// v_sessions, v_messages, v_metrics and v_costs; docs/reference/storage.md describes them.
std::span<const View> views();

/// Brings the file up to the last of `steps` in one transaction, and makes the views anew where
/// another build made them: they hold nothing, so a change of theirs needs no step. Does nothing
/// when all is there already. Throws SQLite::Exception; then nothing has changed.
void migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace scena::sqlite
