#pragma once

#include <optional>
#include <scena/ext/storage.hpp>
#include <string>

#include "base/json.hpp"
#include "engine/actor/command.hpp"

namespace scena::engine {

/// Where the first result of a command is kept; `session` is empty for the creation of one.
std::string command_key(const std::string& session, const Command& command);

/// The first result stored under `key`, unless there is none or it is older than a day.
Result<std::optional<Json>> find_first_result(Storage& storage, const RecordKey& key, WallTime now);

/// True for one that is kept no longer: it was stored before yesterday.
bool is_outdated(const Record& record, WallTime now);

/// Erases it, unless it was written anew meanwhile.
RecordWrite erased(const Record& record);

/// The record that keeps it.
RecordWrite first_result(RecordKey key, std::string json, WallTime now);

}  // namespace scena::engine
