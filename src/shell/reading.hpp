#pragma once

#include <optional>
#include <scena/engine.hpp>
#include <vector>

#include "shell/args.hpp"

namespace scena::shell {

/// The engine of a command that only reads: beside whoever has the store open. Throws Error.
Engine open_reader(const Args& args);
/// The engine of a command that changes what is stored. Throws Error, also where there is no store.
Engine open_writer(const Args& args);
/// The engine of a command that adds to a store, which is made where there is none. Throws Error.
Engine open_or_make(const Args& args);

/// Refuses a file to write that belongs to the store that is read. Throws Error.
void check_output(const Args& args, const char* option, const std::string& path);

/// Every durable event of a stored session, oldest first, those that a fork shares before its own.
/// Without audience and cause.
std::vector<Event> stored_events(const Engine& engine, const std::string& session);

/// The analysis that was stored last, if any.
std::optional<Analysis> stored_analysis(const Session& session);

/// The preset as the session keeps it, whatever became of the original since.
Preset preset_of(const Engine& engine, const std::string& session);

}  // namespace scena::shell
