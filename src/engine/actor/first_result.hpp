#pragma once

#include <functional>
#include <optional>
#include <scena/ext/storage.hpp>
#include <string>
#include <string_view>

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

/// The record that keeps it. `made`: the session that the command made; empty: none.
RecordWrite first_result(RecordKey key, std::string json, WallTime now, std::string_view made = {});

/// Visits the results of a session's own commands; nothing else is read.
Result<void> each_result_of(Storage& storage, const std::string& tenant, const std::string& session,
                            const std::function<void(const Record&)>& visit);
/// Visits those of the commands that made it.
Result<void> each_result_that_made(Storage& storage, const std::string& tenant,
                                   const std::string& session,
                                   const std::function<void(const Record&)>& visit);

}  // namespace scena::engine
